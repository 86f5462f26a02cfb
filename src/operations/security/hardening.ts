import { randomBytes } from 'node:crypto';
import type { Text } from '../text.ts';
import type { SecurityTxt } from './security-txt.ts';

export const modes = ['development', 'production'] as const;
export type Mode = (typeof modes)[number];

/** What a service does to be safe. The middleware of this folder is made from it, and the self-check judges it. */
export interface Hardening {
  readonly mode: Mode;
  /** Whether answers and log lines may tell of the inside. Never in production. */
  readonly debug: boolean;
  /** Pages asked for over plain HTTP are redirected to HTTPS; everything else over plain HTTP is refused. */
  readonly httpsRedirect: boolean;
  /** For how long browsers keep to HTTPS; 0 sends no Strict-Transport-Security. */
  readonly hstsSeconds: number;
  readonly hstsIncludeSubdomains: boolean;
  readonly hstsPreload: boolean;
  readonly sessionCookieSecure: boolean;
  readonly csrfCookieSecure: boolean;
  /** Names that a Host header may carry: `example.com`, `.example.com` (and what is below it), `[::1]`, `*`. */
  readonly allowedHosts: readonly string[];
  /** Other origins whose pages may change things here: `https://admin.example.com`. */
  readonly trustedOrigins: readonly string[];
  /** How many proxies stand before the service, each of which appends to X-Forwarded-For. */
  readonly proxyHops: number;
  /** The shortest password that is accepted, in characters. */
  readonly passwordMinimum: number;
  /** The first signs, all verify: a new key goes in front, the old one goes away when nothing signed by it is left. */
  readonly secretKeys: readonly string[];
  /** Where to report weaknesses: answered at /.well-known/security.txt. */
  readonly securityTxt?: SecurityTxt;
}

type TableSetting = Exclude<keyof Hardening, 'mode' | 'secretKeys' | 'securityTxt'>;

/** One line of the table: what holds in each mode unless it is set otherwise. */
interface TableRow<Value> {
  readonly development: Value;
  readonly production: Value;
  readonly meaning: Text;
}

/** The development and production table: the one place of these defaults. docs/security.md shows it. */
export const hardeningTable: { readonly [Setting in TableSetting]: TableRow<Hardening[Setting]> } = {
  debug: {
    development: true,
    production: false,
    meaning: { en: 'debug: the inside may be shown', zh: '调试：可显示内部信息' },
  },
  httpsRedirect: {
    development: false,
    production: true,
    meaning: { en: 'HTTPS: pages redirected, API refused over plain HTTP', zh: 'HTTPS：明文访问时页面重定向、API 拒绝' },
  },
  hstsSeconds: {
    development: 0,
    production: 31_536_000,
    meaning: { en: 'HSTS, seconds', zh: 'HSTS 秒数' },
  },
  hstsIncludeSubdomains: {
    development: false,
    production: true,
    meaning: { en: 'HSTS with subdomains', zh: 'HSTS 含子域名' },
  },
  hstsPreload: {
    development: false,
    production: true,
    meaning: { en: 'HSTS preload', zh: 'HSTS 预加载' },
  },
  sessionCookieSecure: {
    development: false,
    production: true,
    meaning: { en: 'session cookie Secure', zh: '会话 Cookie 带 Secure' },
  },
  csrfCookieSecure: {
    development: false,
    production: true,
    meaning: { en: 'CSRF cookie Secure', zh: 'CSRF Cookie 带 Secure' },
  },
  allowedHosts: {
    development: ['localhost', '127.0.0.1', '[::1]'],
    production: [],
    meaning: { en: 'allowed hosts (production: must be set)', zh: '允许的主机（生产环境必须设置）' },
  },
  trustedOrigins: {
    development: [],
    production: [],
    meaning: { en: 'trusted origins besides the own one', zh: '除自身外受信任的来源' },
  },
  proxyHops: {
    development: 0,
    production: 0,
    meaning: { en: 'trusted proxies before the service', zh: '服务之前受信任的代理层数' },
  },
  passwordMinimum: {
    development: 8,
    production: 8,
    meaning: { en: 'shortest password, characters', zh: '密码最短字符数' },
  },
};

/** What holds in a mode when nothing is set. */
export function defaultsOf(mode: Mode): Pick<Hardening, TableSetting> {
  const defaults = Object.fromEntries(Object.entries(hardeningTable).map(([setting, row]) => [setting, row[mode]]));
  return defaults as unknown as Pick<Hardening, TableSetting>;
}

/**
 * A mode's defaults with what was set. Development makes itself a secret key that lasts as long as the process;
 * production gets none. Judges nothing: `requireSafe` refuses what must never be.
 */
export function hardeningOf(mode: Mode, set: Partial<Omit<Hardening, 'mode'>> = {}): Hardening {
  const secretKeys = mode === 'development' ? [randomBytes(32).toString('base64url')] : [];
  return { mode, ...defaultsOf(mode), secretKeys, ...set };
}
