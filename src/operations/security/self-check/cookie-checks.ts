import type { CookieDefinition } from '../cookies.ts';
import { type DeployCheck, type DeploySettings, when } from './deploy-check.ts';

const definitionHint = { en: 'Take the cookies from `cookiesOf`.', zh: '请使用 `cookiesOf` 给出的 Cookie 定义。' };

/** What browsers keep, and what makes them send it. */
export const cookieChecks: readonly DeployCheck[] = [
  {
    id: 'W003',
    django: ['W003'],
    message: { en: 'Nothing protects against requests forged by other sites (CSRF)', zh: '没有跨站请求伪造（CSRF）防护' },
    hint: { en: 'Put `createCsrf(…).protect` into the application, behind sessions.', zh: '请在应用的会话中间件之后加入 `createCsrf(…).protect`。' },
    find: when(({ csrfProtection }) => !csrfProtection),
  },
  {
    id: 'W012',
    django: ['W010', 'W011', 'W012'],
    message: { en: 'The session cookie is sent over plain HTTP (not Secure)', zh: '会话 Cookie 会通过明文 HTTP 发送（缺少 Secure）' },
    hint: { en: 'Leave out HOLDFAST_SESSION_COOKIE_SECURE.', zh: '请去掉 HOLDFAST_SESSION_COOKIE_SECURE。' },
    find: when(({ cookies }) => !cookies.session.attributes.secure),
  },
  {
    id: 'W015',
    django: ['W013', 'W014', 'W015'],
    message: { en: 'Scripts can read the session cookie (not HttpOnly)', zh: '脚本可读取会话 Cookie（缺少 HttpOnly）' },
    hint: definitionHint,
    find: when(({ cookies }) => !cookies.session.attributes.httpOnly),
  },
  {
    id: 'W016',
    django: ['W016'],
    message: { en: 'The CSRF cookie is sent over plain HTTP (not Secure)', zh: 'CSRF Cookie 会通过明文 HTTP 发送（缺少 Secure）' },
    hint: { en: 'Leave out HOLDFAST_CSRF_COOKIE_SECURE.', zh: '请去掉 HOLDFAST_CSRF_COOKIE_SECURE。' },
    find: when(({ cookies }) => !cookies.csrf.attributes.secure),
  },
  {
    id: 'W017',
    django: ['W017'],
    message: { en: 'Scripts can read the CSRF cookie (not HttpOnly)', zh: '脚本可读取 CSRF Cookie（缺少 HttpOnly）' },
    hint: definitionHint,
    find: when(({ cookies }) => !cookies.csrf.attributes.httpOnly),
  },
  {
    id: 'W026',
    message: { en: 'Pages over plain HTTP are trusted ({origins})', zh: '信任了明文 HTTP 页面（{origins}）' },
    hint: {
      en: 'List only https:// origins in HOLDFAST_TRUSTED_ORIGINS: who stands on the way of a plain page can change what it sends.',
      zh: 'HOLDFAST_TRUSTED_ORIGINS 中只应列出 https:// 来源：中间人可以篡改明文页面发出的内容。',
    },
    find: (settings) => trustedOrigins(settings, (origin) => isOrigin(origin) && !origin.startsWith('https:')),
  },
  {
    id: 'E005',
    message: { en: 'A trusted origin is none ({origins})', zh: '受信任来源的写法无效（{origins}）' },
    hint: {
      en: 'An origin is scheme, host and port without a path: `https://admin.example.com`. There are no wildcards.',
      zh: '来源由协议、主机名和端口组成，不含路径：`https://admin.example.com`。不支持通配符。',
    },
    find: (settings) => trustedOrigins(settings, (origin) => !isOrigin(origin)),
  },
  {
    id: 'W029',
    message: { en: 'Cookies can be planted by neighbouring hosts (no `__Host-` name: {names})', zh: '相邻主机可植入 Cookie（名称缺少 `__Host-` 前缀：{names}）' },
    hint: definitionHint,
    find: (settings) => cookieNames(settings, ({ name }) => !name.startsWith('__Host-')),
  },
  {
    id: 'W032',
    message: { en: 'Other sites make browsers send cookies (SameSite is neither Lax nor Strict: {names})', zh: '其他站点可令浏览器发送 Cookie（SameSite 既非 Lax 也非 Strict：{names}）' },
    hint: definitionHint,
    find: (settings) => cookieNames(settings, ({ attributes }) => attributes.sameSite === 'none'),
  },
];

function trustedOrigins({ hardening }: DeploySettings, isWrong: (origin: string) => boolean) {
  const origins = hardening.trustedOrigins.filter(isWrong);
  return origins.length > 0 ? { origins: origins.join(', ') } : undefined;
}

function isOrigin(text: string): boolean {
  return /^https?:/.test(text) && !text.includes('*') && URL.parse(text)?.origin === text;
}

function cookieNames({ cookies }: DeploySettings, isWrong: (cookie: CookieDefinition) => boolean) {
  const names = [cookies.session, cookies.csrf].filter(isWrong).map(({ name }) => name);
  return names.length > 0 ? { names: names.join(', ') } : undefined;
}
