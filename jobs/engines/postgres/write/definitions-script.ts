/** A setting that pg_restore 17 and newer write into every script, and that servers before 17 do not know. */
const newSetting = 'SET transaction_timeout = 0;\n';
const firstServerWithSetting = 170_000;
const firstProgramWithSetting = 17;
/** The settings stand at the beginning of a script, before anything of the database's. */
const preambleBytes = 4096;

/** Whether what pg_restore of this major version writes fails on a server of this `server_version_num`. */
export function needsOlderScript(programVersion: number, serverVersion: number): boolean {
  return programVersion >= firstProgramWithSetting && serverVersion < firstServerWithSetting;
}

/** Takes the setting, which has no effect there, out of a script of pg_restore's for an older server. */
export async function* forOlderServer(script: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let preamble: Buffer | undefined = Buffer.alloc(0);
  for await (const chunk of script) {
    if (preamble === undefined) {
      yield chunk;
      continue;
    }
    preamble = Buffer.concat([preamble, chunk]);
    if (preamble.length < preambleBytes) continue;
    yield withoutSetting(preamble);
    preamble = undefined;
  }
  if (preamble !== undefined) yield withoutSetting(preamble);
}

function withoutSetting(preamble: Buffer): Buffer {
  const start = preamble.subarray(0, preambleBytes).indexOf(newSetting);
  return start === -1 ? preamble : Buffer.concat([preamble.subarray(0, start), preamble.subarray(start + newSetting.length)]);
}
