import { mkdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';

import { freePort, type Service, startDaemon } from './service.ts';

/** Starts a Redis on 127.0.0.1 that keeps nothing on disk. `folder` does not exist yet. */
export async function startRedis(folder: string): Promise<Service> {
  await mkdir(folder, { recursive: true });
  const port = await freePort();
  const daemon = await startDaemon({
    program: 'redis-server',
    args: ['--bind', '127.0.0.1', '--port', String(port), '--save', '', '--appendonly', 'no', '--dir', folder],
    folder, log: join(folder, 'log'), stopSignal: 'SIGTERM',
    isReady: async () => answersPing(port),
  });
  return { ...daemon, environment: { TEST_REDIS_URL: `redis://127.0.0.1:${port}` } };
}

/** Whether a Redis answers on this port of 127.0.0.1. */
export async function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    const settle = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(2000, () => { settle(false); });
    socket.once('error', () => { settle(false); });
    socket.once('close', () => { settle(false); });
    socket.once('data', (data) => { settle(data.toString().startsWith('+PONG')); });
  });
}
