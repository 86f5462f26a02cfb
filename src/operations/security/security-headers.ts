import koaHelmet from 'koa-helmet';
import type { ServiceContext, ServiceMiddleware } from '../http/service.ts';
import type { Hardening } from './hardening.ts';

type HelmetOptions = NonNullable<Parameters<typeof koaHelmet>[0]>;

/** What pages may load besides files of the service itself. */
export interface PagePolicy {
  /** Sources of styles that stand inside a page: `'sha256-…'`, quotes included. */
  readonly styleSources?: readonly string[];
}

/**
 * Features of browsers that no page here needs, and no page framed or injected here shall use. Of names that it does not know,
 * as Chromium of `bluetooth` and `web-share` on Linux, a browser complains on every page: they are not here.
 */
const refusedFeatures = [
  'accelerometer', 'autoplay', 'browsing-topics', 'camera', 'display-capture', 'encrypted-media', 'geolocation', 'gyroscope',
  'hid', 'idle-detection', 'local-fonts', 'magnetometer', 'microphone', 'midi', 'payment', 'picture-in-picture', 'publickey-credentials-create',
  'publickey-credentials-get', 'screen-wake-lock', 'serial', 'storage-access', 'usb', 'xr-spatial-tracking',
];

/** The policy of every answer that is no page: nothing in it is ever to be shown, run or framed. */
const dataDirectives = {
  defaultSrc: ["'none'"],
  baseUri: ["'none'"],
  formAction: ["'none'"],
  frameAncestors: ["'none'"],
};

function pageDirectives({ styleSources = [] }: PagePolicy, upgrade: boolean) {
  return {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'", ...styleSources],
    imgSrc: ["'self'"],
    fontSrc: ["'self'"],
    connectSrc: ["'self'"],
    manifestSrc: ["'self'"],
    objectSrc: ["'none'"],
    baseUri: ["'none'"],
    formAction: ["'self'"],
    frameAncestors: ["'none'"],
    ...(upgrade ? { upgradeInsecureRequests: [] } : {}),
  };
}

export interface SecurityHeaders {
  /** Of any answer: what says something to browsers about answers that are no pages, too. Few, for each costs every request. */
  readonly data: ReadonlyMap<string, string>;
  /** Of a page: these, and what is about documents. */
  readonly page: ReadonlyMap<string, string>;
  /** Apart, for it belongs on answers over HTTPS only (RFC 6797 §7.2). */
  readonly strictTransportSecurity: string | undefined;
}

/** What OWASP's REST cheat sheet asks of every answer, and Cross-Origin-Resource-Policy. */
const headersOfData = ['Content-Security-Policy', 'Cross-Origin-Resource-Policy', 'X-Content-Type-Options', 'X-Frame-Options', 'Cache-Control'];

/** Computes every header once: helmet writes them, what it lacks is added. */
export function securityHeadersOf(hardening: Hardening, pages: PagePolicy = {}): SecurityHeaders {
  const { hstsSeconds, hstsIncludeSubdomains, hstsPreload, httpsRedirect } = hardening;
  const hsts = { maxAge: hstsSeconds, includeSubDomains: hstsIncludeSubdomains, preload: hstsPreload };
  const data = headersWith(dataDirectives);
  return {
    data: new Map(headersOfData.map((name) => [name, data.get(name) ?? ''])),
    page: headersWith(pageDirectives(pages, httpsRedirect)),
    strictTransportSecurity:
      hstsSeconds === 0 ? undefined : writtenBy(koaHelmet.strictTransportSecurity(hsts)).get('Strict-Transport-Security'),
  };
}

/**
 * Puts the headers on every answer, those of errors included: it stands before whatever refuses requests. An answer starts out
 * as data; a page, and what may become one because it failed, gets the others on top. What a route has set itself stays.
 */
export function securityHeaders({ data, page, strictTransportSecurity }: SecurityHeaders): ServiceMiddleware {
  const entries = [...data];
  const documentEntries = [...page].filter(([name]) => !data.has(name));
  const dataPolicy = data.get(policyHeader);
  const pagePolicy = page.get(policyHeader) ?? '';
  return async (ctx, next) => {
    const { res } = ctx;
    for (const [name, value] of entries) res.setHeader(name, value);
    if (strictTransportSecurity !== undefined && ctx.secure) res.setHeader('Strict-Transport-Security', strictTransportSecurity);
    let failed = true;
    try {
      await next();
      failed = ctx.status >= 400;
    } finally {
      const isPage = isHtml(res.getHeader('Content-Type'));
      if ((isPage || failed) && !res.headersSent) {
        for (const [name, value] of documentEntries) if (!res.hasHeader(name)) res.setHeader(name, value);
        if (isPage && res.getHeader(policyHeader) === dataPolicy) res.setHeader(policyHeader, pagePolicy);
      }
    }
  };
}

const policyHeader = 'Content-Security-Policy';

function isHtml(contentType: unknown): boolean {
  return typeof contentType === 'string' && contentType.startsWith('text/html');
}

function headersWith(directives: Record<string, string[]>): ReadonlyMap<string, string> {
  const options: HelmetOptions = {
    contentSecurityPolicy: { useDefaults: false, directives },
    crossOriginEmbedderPolicy: { policy: 'require-corp' },
    crossOriginOpenerPolicy: { policy: 'same-origin' },
    crossOriginResourcePolicy: { policy: 'same-origin' },
    // Not `no-referrer`: with it browsers send `Origin: null` with forms of the service's own pages.
    referrerPolicy: { policy: 'same-origin' },
    strictTransportSecurity: false,
    xFrameOptions: { action: 'deny' },
  };
  const headers = writtenBy(koaHelmet(options));
  headers.set('Permissions-Policy', refusedFeatures.map((feature) => `${feature}=()`).join(', '));
  headers.set('Cache-Control', 'no-store');
  return headers;
}

/** What a middleware of helmet writes, which is the same for every request: it does so before it first waits. */
function writtenBy(middleware: ReturnType<typeof koaHelmet>): Map<string, string> {
  const headers = new Map<string, string>();
  const res = { setHeader: (name: string, value: string) => headers.set(name, value), removeHeader: () => undefined };
  void middleware({ req: {}, res } as unknown as Parameters<typeof middleware>[0] & ServiceContext, () => Promise.resolve());
  return headers;
}
