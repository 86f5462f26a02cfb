import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

interface Target {
  readonly host: string;
  readonly port: number;
}

/** A way to a server that can be cut: what a test puts between a client and its database or Redis. */
export interface TcpProxy {
  readonly port: number;
  /** Connections that clients have open through it. */
  connections(): number;
  /** Resets every connection; new ones work. */
  cut(): void;
  /** From now on new connections are reset at once (`true`), or work again. What is open stays. */
  refuse(refuses: boolean): void;
  /** New connections go to another server. */
  retarget(target: Target): void;
  close(): Promise<void>;
}

export async function startTcpProxy(firstTarget: Target): Promise<TcpProxy> {
  const clients = new Map<Socket, Socket>();
  let target = firstTarget;
  let refuses = false;
  const server = createServer((client) => {
    client.on('error', () => {});
    if (refuses) {
      reset(client);
      return;
    }
    const upstream = connect(target.port, target.host);
    clients.set(client, upstream);
    upstream.on('error', () => { reset(client); });
    upstream.on('close', () => { client.destroy(); });
    client.on('close', () => {
      clients.delete(client);
      upstream.destroy();
    });
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const cut = (): void => {
    for (const client of clients.keys()) reset(client);
  };
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => clients.size,
    cut,
    refuse: (value) => { refuses = value; },
    retarget: (value) => { target = value; },
    close: async () => {
      cut();
      await new Promise((resolve) => { server.close(resolve); });
    },
  };
}

/** A socket whose end is being sent cannot be reset: Node 24 then never closes its handle, and the process never exits. */
function reset(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
