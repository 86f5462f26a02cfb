import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findClientPrograms, runProgram } from '../../../../../jobs/engines/postgres/connect/client-programs.ts';

const env = { PATH: process.env['PATH'] ?? '', SECRET: 'hidden-value' };
const signal = new AbortController().signal;
const shell = (script: string) => ['/bin/sh', ['-c', script]] as const;

async function takeNothing(stdout: Readable): Promise<void> {
  for await (const chunk of stdout) throw new Error(`no room for ${(chunk as Buffer).length > 0 ? 'this' : 'nothing'}`);
}

describe('findClientPrograms', () => {
  let root: string;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'holdfast-programs-'));
  });
  afterAll(() => rm(root, { recursive: true }));

  async function install(version: string, names = ['pg_dump', 'pg_restore', 'pg_dumpall', 'psql']): Promise<string> {
    const folder = await mkdtemp(join(root, 'bin-'));
    for (const name of names) {
      await writeFile(join(folder, name), `#!/bin/sh\necho "${name} (PostgreSQL) ${version}"\n`);
      await chmod(join(folder, name), 0o755);
    }
    return folder;
  }

  it('takes the smallest version that is not below the server’s', async () => {
    const folders = [await install('97.1'), await install('99.2'), await install('98.3 (Debian 98.3-1)')].join(':');
    expect(await findClientPrograms({ majorVersion: 98, environment: {}, folders })).toMatchObject({ version: '98.3', majorVersion: 98 });
    expect(await findClientPrograms({ majorVersion: 96, environment: { PATH: folders } })).toMatchObject({ version: '97.1' });
  });

  it('does not take a folder in which a program is missing, and says what to install', async () => {
    const folders = await install('99.1', ['pg_dump', 'psql']);
    const search = findClientPrograms({ majorVersion: 99, environment: {}, folders });
    await expect(search).rejects.toMatchObject({ code: 'POSTGRES_PROGRAMS_MISSING', category: 'usage', hint: expect.stringContaining('postgresql-client-99') });
  });
});

describe('runProgram', () => {
  it('gives input and output and what was written to standard error', async () => {
    let output = '';
    const stderr = await runProgram(...shell('echo noted >&2; cat'), {
      env,
      signal,
      input: Readable.from([Buffer.from('a'), Buffer.from('b')]),
      output: async (stdout) => {
        output = await text(stdout);
      },
    });
    expect([output, stderr]).toEqual(['ab', 'noted\n']);
  });

  it.each([
    ['exit 3', 'exit code 3'],
    ['kill -9 $$', 'killed by SIGKILL'],
  ])('fails when the program ends by `%s`, although its output was whole', async (end, outcome) => {
    const run = runProgram(...shell(`echo out; echo why >&2; ${end}`), { env, signal, output: async (stdout) => void (await text(stdout)) });
    await expect(run).rejects.toMatchObject({ code: 'POSTGRES_PROGRAM_FAILED', values: { program: 'sh', outcome, output: 'why' } });
    await expect(run).rejects.not.toThrow('hidden-value');
  });

  it('fails when the program does not exist', async () => {
    await expect(runProgram('/nowhere/pg_dump', [], { env, signal, input: Buffer.from('x') })).rejects.toMatchObject({ code: 'POSTGRES_PROGRAM_FAILED' });
  });

  it('does not mind a program that leaves its input unread and succeeds', async () => {
    await expect(runProgram(...shell('exit 0'), { env, signal, input: Buffer.alloc(10_000_000) })).resolves.toBe('');
  });

  it('ends the program and gives the cause when its output cannot be taken', async () => {
    await expect(runProgram(...shell('while :; do echo more; done'), { env, signal, output: takeNothing })).rejects.toThrow('no room for this');
  });

  it('ends the program when its input fails, with that cause', async () => {
    const broken = new Readable({ read: () => void broken.destroy(new Error('source is gone')) });
    await expect(runProgram(...shell('exec cat >/dev/null'), { env, signal, input: broken })).rejects.toThrow('source is gone');
  });

  it('ends the program when told to, with the reason', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('told to stop')), 100);
    await expect(runProgram(...shell('exec sleep 100'), { env, signal: controller.signal })).rejects.toThrow('told to stop');
  });
});
