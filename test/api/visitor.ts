import { password, type ServiceUnderTest } from './service-under-test.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; undefined where it is none. */
  readonly json: Record<string, unknown> | undefined;
}

interface Request {
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly form?: Readonly<Record<string, string>>;
}

/** Somebody with a browser: keeps the cookies that the service sets and sends them back. Follows no redirect. */
export class Visitor {
  readonly cookies = new Map<string, string>();
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  async request(method: string, path: string, { headers = {}, json, form }: Request = {}): Promise<Answer> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(`${this.#url}${path}`, {
      method,
      redirect: 'manual',
      headers: { ...(cookie !== '' && { cookie }), ...(json !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(json !== undefined && { body: JSON.stringify(json) }),
      ...(form !== undefined && { body: new URLSearchParams(form) }),
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    const text = await response.text();
    const isJson = text !== '' && response.headers.get('content-type')?.includes('json') === true;
    return { status: response.status, headers: response.headers, text, json: isJson ? (JSON.parse(text) as Record<string, unknown>) : undefined };
  }

  async get(path: string, headers?: Readonly<Record<string, string>>): Promise<Answer> {
    return this.request('GET', path, headers === undefined ? {} : { headers });
  }

  async signIn(name: string, secret = password): Promise<Answer> {
    return this.request('POST', '/api/v1/sign-in', { json: { name, password: secret } });
  }

  /** Something that changes, with the token that the service asks browsers for. */
  async change(method: string, path: string, json?: unknown): Promise<Answer> {
    const me = await this.get('/api/v1/me');
    return this.request(method, path, { headers: { 'x-csrf-token': String(me.json?.['csrfToken']) }, ...(json !== undefined && { json }) });
  }
}

/** Somebody who has signed in with an account of this role. */
export async function signedIn(under: ServiceUnderTest, role: 'viewer' | 'operator' | 'admin'): Promise<Visitor & { readonly account: { readonly id: string; readonly name: string } }> {
  const account = await under.account(role);
  const visitor = Object.assign(new Visitor(under.url), { account });
  const answer = await visitor.signIn(account.name);
  if (answer.status !== 200) throw new Error(`sign-in was answered with ${answer.status}: ${answer.text}`);
  return visitor;
}
