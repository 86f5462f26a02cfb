import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, request as send, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';

export interface TlsProxy {
  readonly httpPort: number;
  readonly httpsPort: number;
  /** The certificate (PEM), which signed itself, and a file that holds it. */
  readonly certificate: string;
  readonly certificateFile: string;
  close(): Promise<void>;
}

/**
 * What stands before a service in production: answers for `host` by HTTPS, with a certificate made for it, and by plain HTTP, and
 * passes both on to `targetPort`, appending to X-Forwarded-For, -Proto and -Host what it saw.
 */
export async function startTlsProxy({ host, targetPort }: { readonly host: string; readonly targetPort: number }): Promise<TlsProxy> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-proxy-'));
  const [certificateFile, keyFile] = [join(folder, 'proxy.crt'), join(folder, 'proxy.key')];
  await promisify(execFile)('openssl', [
    'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', keyFile, '-out', certificateFile,
    '-days', '2', '-subj', `/CN=${host}`, '-addext', `subjectAltName=DNS:${host}`,
  ]);
  const certificate = await readFile(certificateFile, 'utf8');
  const https = createTlsServer({ cert: certificate, key: await readFile(keyFile) }, forwarder(targetPort, 'https'));
  const http = createServer(forwarder(targetPort, 'http'));
  return {
    httpPort: await listen(http),
    httpsPort: await listen(https),
    certificate,
    certificateFile,
    close: async () => {
      await Promise.all([http, https].map(async (server) => {
        server.closeAllConnections();
        await new Promise((resolve) => { server.close(resolve); });
      }));
      await rm(folder, { recursive: true });
    },
  };
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return (server.address() as AddressInfo).port;
}

function forwarder(port: number, protocol: 'http' | 'https') {
  return (incoming: IncomingMessage, response: ServerResponse): void => {
    const { headers, method, socket, url } = incoming;
    const appended = (name: string, value: string) => ({ [name]: [headers[name], value].flat().filter((entry) => entry !== undefined).join(', ') });
    const forwarded = {
      ...appended('x-forwarded-for', socket.remoteAddress ?? ''),
      ...appended('x-forwarded-proto', protocol),
      ...appended('x-forwarded-host', headers.host ?? ''),
    };
    const outgoing = send({ host: '127.0.0.1', port, method, path: url, headers: { ...headers, ...forwarded } });
    outgoing.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      pipeline(answer, response).catch(() => { response.destroy(); });
    });
    pipeline(incoming, outgoing).catch(() => { response.destroy(); });
  };
}
