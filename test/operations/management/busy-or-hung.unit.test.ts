import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '../wait-for.ts';
import { type RunningProgram, startProgram } from '../lifecycle/running-program.ts';

let program: RunningProgram | undefined;
afterEach(() => void program?.child.kill('SIGKILL'));

async function ask(path: string): Promise<{ status: number; text: string; milliseconds: number }> {
  const startedMs = performance.now();
  const answer = await fetch(`http://127.0.0.1:${program?.management}${path}`);
  return { status: answer.status, text: await answer.text(), milliseconds: performance.now() - startedMs };
}

describe('a blocked event loop', () => {
  it('is alive while it is merely busy, not ready meanwhile, and hangs beyond the limit', async () => {
    program = await startProgram();
    const blocked = fetch(`http://127.0.0.1:${program.http}/block?ms=5000`);
    await sleep(1_500);
    const busy = await ask('/livez');
    expect(busy.status).toBe(200);
    expect(busy.text).toMatch(/^\[\+\]event_loop busy: silent for \d+ ms, limit 3000 ms\nok\n$/);
    expect(busy.milliseconds).toBeLessThan(500);

    const unready = await ask('/readyz');
    expect(unready.status).toBe(503);
    expect(JSON.parse(unready.text)).toMatchObject({ error_code: 'MAIN_THREAD_SILENT' });

    await sleep(1_000);
    const hung = await ask('/livez');
    expect(hung.status).toBe(503);
    expect(hung.text).toMatch(/^\[-\]event_loop hangs: silent for \d+ ms/);

    expect(program.lines).toContain('loop hangs'); // written while the main thread stands still

    expect((await blocked).status).toBe(200);
    await sleep(300);
    expect(await ask('/livez')).toMatchObject({ status: 200, text: 'ok\n' });
    expect(await ask('/readyz')).toMatchObject({ status: 200, text: 'ok\n' });
    await waitFor(() => program?.lines.includes('loop turns again') === true);
  });

  it('that is stopped answers nothing, and a SIGTERM in the block is kept for after it', async () => {
    program = await startProgram();
    void fetch(`http://127.0.0.1:${program.http}/block?ms=1000`).catch(() => {});
    await sleep(200);
    program.child.kill('SIGTERM');
    await sleep(100);
    expect((await ask('/livez')).status).toBe(200);
    expect(await program.ended).toBe(0);
    await expect(ask('/livez')).rejects.toThrow('fetch failed');
  });
});
