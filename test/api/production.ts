import { once } from 'node:events';
import { type IncomingHttpHeaders, type IncomingMessage, request as sendPlain } from 'node:http';
import { request as sendSecure } from 'node:https';
import { text } from 'node:stream/consumers';
import { startTlsProxy, type TlsProxy } from '../support/tls-proxy.ts';
import { type ServiceUnderTest, startService, variants } from './service-under-test.ts';

export const host = 'holdfast.example.com';

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

interface Question {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Production {
  readonly under: ServiceUnderTest;
  readonly proxy: TlsProxy;
  /** Asks the proxy as `host`, whose certificate must be right. Follows no redirect and keeps no cookie. */
  ask(protocol: 'http' | 'https', path: string, question?: Question): Promise<Answer>;
  close(): Promise<void>;
}

/** The service as it is deployed: in production, behind a proxy that ends TLS. */
export async function startProduction(): Promise<Production> {
  const under = await startService(variants[0], {
    HOLDFAST_MODE: 'production',
    HOLDFAST_HOST: '127.0.0.1',
    HOLDFAST_MANAGEMENT_HOST: '127.0.0.1',
    HOLDFAST_PROXY_HOPS: '1',
    HOLDFAST_ALLOWED_HOSTS: host,
    HOLDFAST_SECRET_KEY: 'k9Jx2vQ8mN4rT6wZ1pL3sD5fG7hB0cYaUeIoKjHg',
  });
  const proxy = await startTlsProxy({ host, targetPort: Number(new URL(under.url).port) });
  return {
    under,
    proxy,
    ask: async (protocol, path, { method = 'GET', headers = {}, body } = {}) => {
      const send = protocol === 'https' ? sendSecure : sendPlain;
      const port = protocol === 'https' ? proxy.httpsPort : proxy.httpPort;
      const question = send({ host: '127.0.0.1', port, servername: host, ca: proxy.certificate, method, path, headers: { host, ...headers } });
      question.end(body);
      const [response] = (await once(question, 'response')) as [IncomingMessage];
      return { status: response.statusCode, headers: response.headers, text: await text(response) };
    },
    close: async () => {
      await proxy.close();
      await under.close();
    },
  };
}
