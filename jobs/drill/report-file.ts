import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { codeOf } from '../../src/operations/errors.ts';
import { drillFailures } from './drill-failures.ts';

/** Throws REPORT_FILE_EXISTS: better before a drill than after it. */
export function refuseExistingReport(path: string): void {
  if (existsSync(path)) throw drillFailures.REPORT_FILE_EXISTS({ path });
}

/** Writes a page to a new file that only its owner reads: it names tables. Throws REPORT_FILE_EXISTS, REPORT_UNWRITABLE. */
export async function writeReportFile(path: string, page: string | Uint8Array): Promise<void> {
  try {
    await writeFile(path, page, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EEXIST') throw drillFailures.REPORT_FILE_EXISTS({ path }, { cause: error });
    throw drillFailures.REPORT_UNWRITABLE({ path, reason: code ?? 'unknown' }, { cause: error });
  }
}
