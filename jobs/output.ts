import { writeFileSync } from 'node:fs';
import { HoldfastError } from '../src/operations/errors.ts';
import { exitCodeOf } from '../src/operations/exit-codes.ts';
import { StoppedBySignal } from '../src/operations/shutdown.ts';
import { type Language, renderText } from '../src/operations/text.ts';

/** Kubernetes keeps this much of a container's termination message. */
const resultFileBytes = 4096;

/** A failure as programs read it. */
export function errorResult(error: unknown, language: Language): Record<string, unknown> {
  const { code, message, hint } = describeError(error, language);
  const category = error instanceof HoldfastError ? error.category : 'internal';
  return { code, category, message, hint, retryable: error instanceof HoldfastError && error.retryable, exitCode: exitCodeOf(error) };
}

/** A failure as people read it: what happened, what to do. */
export function errorText(error: unknown, language: Language): string {
  const { code, message, hint } = describeError(error, language);
  return `${code}: ${message}\n  ${hint}`;
}

function describeError(error: unknown, language: Language): { code: string; message: string; hint: string } {
  if (error instanceof HoldfastError) return { code: error.code, ...error.describe(language) };
  if (error instanceof StoppedBySignal) {
    return {
      code: 'STOPPED',
      message: renderText({ en: 'Stopped by {signal}', zh: '被 {signal} 停止' }, language, { signal: error.signal }),
      hint: renderText({ en: 'What was not finished left nothing behind that needs repair. Run the same command again.', zh: '未完成的工作不会留下需要修复的内容。请重新运行同一命令。' }, language),
    };
  }
  return {
    code: 'UNEXPECTED',
    message: error instanceof Error ? error.message : String(error),
    hint: renderText({ en: 'This is a defect or an unforeseen failure: the log has the details. Please report it.', zh: '这是缺陷或未预见的故障：详情见日志。请报告。' }, language),
  };
}

/** Writes the result as JSON of at most 4 KiB: of lists that do not fit the first items stay, and how many are left out. */
export function writeResultFile(path: string, result: Record<string, unknown>): void {
  writeFileSync(path, fitResult(result));
}

export function fitResult(result: Record<string, unknown>): string {
  const fitted = { ...result };
  const largestFirst = Object.keys(fitted).toSorted((a, b) => sizeOf(fitted[b]) - sizeOf(fitted[a]));
  for (const key of largestFirst) {
    if (sizeOf(fitted) <= resultFileBytes) break;
    const value = fitted[key];
    if (Array.isArray(value)) fitted[key] = cutList(value, resultFileBytes - sizeOf({ ...fitted, [key]: [] }));
    else if (typeof value === 'object' && value !== null) fitted[key] = { omitted: Object.keys(value).length };
  }
  return JSON.stringify(fitted);
}

/** The first items that fit into so many bytes, then the number of the others. */
function cutList(items: readonly unknown[], bytes: number): unknown[] {
  let left = bytes - sizeOf({ omitted: items.length }) - 1;
  const kept = items.findIndex((item) => (left -= sizeOf(item) + 1) < 0);
  return [...items.slice(0, kept), { omitted: items.length - kept }];
}

function sizeOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value) ?? '');
}
