import { connect, type Socket } from 'node:net';

/**
 * The entry of the process that makes load: sends one request again and again over kept connections, as soon as the answer before
 * is whole, and prints `{"seconds": 1.2, "statuses": {"200": 10000}}`. Sockets, not node:http's client, which takes more time
 * than the servers that are measured.
 */
export interface Load {
  readonly port: number;
  readonly path: string;
  readonly connections: number;
  /** Of all connections together. */
  readonly requests: number;
}

export interface LoadResult {
  readonly seconds: number;
  readonly statuses: Readonly<Record<string, number>>;
}

const endOfHead = Buffer.from('\r\n\r\n');

async function run({ port, path, connections, requests }: Load): Promise<LoadResult> {
  // As a proxy that ends TLS sends it.
  const request = Buffer.from(`GET ${path} HTTP/1.1\r\nHost: bench.example\r\nAccept: application/json\r\nUser-Agent: bench\r\nX-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https\r\n\r\n`);
  const statuses: Record<string, number> = {};
  let toSend = requests;
  const sockets = await Promise.all(Array.from({ length: connections }, async () => open(port)));
  const startedMs = performance.now();
  await Promise.all(sockets.map(async (socket) => exchange(socket, {
    next: () => (toSend-- > 0 ? request : undefined),
    answered: (status) => { statuses[status] = (statuses[status] ?? 0) + 1; },
  })));
  return { seconds: (performance.now() - startedMs) / 1000, statuses };
}

async function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => resolve(socket)).once('error', reject);
  });
}

interface Exchange {
  /** What to send next; undefined ends. */
  readonly next: () => Buffer | undefined;
  readonly answered: (status: string) => void;
}

async function exchange(socket: Socket, { next, answered }: Exchange): Promise<void> {
  return new Promise((resolve, reject) => {
    const send = (): void => {
      const request = next();
      if (request === undefined) {
        socket.destroy();
        resolve();
      } else {
        socket.write(request);
      }
    };
    let rest: Buffer | undefined;
    socket.on('data', (chunk: Buffer) => {
      const data = rest === undefined ? chunk : Buffer.concat([rest, chunk]);
      const status = statusOfWhole(data);
      rest = status === undefined ? data : undefined;
      if (status === undefined) return;
      answered(status);
      send();
    });
    socket.once('close', () => { reject(new Error('The server closed a connection.')); });
    send();
  });
}

/** The status of an answer with a Content-Length, once all of it is there. */
function statusOfWhole(data: Buffer): string | undefined {
  const headBytes = data.indexOf(endOfHead);
  if (headBytes === -1) return undefined;
  const head = data.toString('latin1', 0, headBytes);
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1]);
  return data.length < headBytes + endOfHead.length + length ? undefined : head.slice(9, 12);
}

process.stdout.write(JSON.stringify(await run(JSON.parse(process.argv[2] ?? '') as Load)));
