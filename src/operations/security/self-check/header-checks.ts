import { type DeployCheck, type DeploySettings, when } from './deploy-check.ts';

/** Policies that keep paths and parameters from other sites. */
const quietReferrerPolicies = new Set(['no-referrer', 'same-origin', 'strict-origin', 'strict-origin-when-cross-origin']);
const referrerPolicies = new Set([...quietReferrerPolicies, 'no-referrer-when-downgrade', 'origin', 'origin-when-cross-origin', 'unsafe-url']);

const composeHint = {
  en: 'Compose the application with `securityHeaders(securityHeadersOf(…))`, and let no middleware or proxy take its headers away.',
  zh: '请在应用中使用 `securityHeaders(securityHeadersOf(…))`，并且不要让其他中间件或代理去掉这些响应头。',
};

/** What answers tell browsers to do and not to do. */
export const headerChecks: readonly DeployCheck[] = [
  {
    id: 'W001',
    django: ['W001'],
    message: { en: 'Answers carry no security headers', zh: '响应不带任何安全响应头' },
    hint: composeHint,
    find: when(({ headers }) => headers.size === 0),
  },
  {
    id: 'W006',
    django: ['W006'],
    message: { en: 'Browsers may guess the type of answers (X-Content-Type-Options is not `nosniff`)', zh: '浏览器可能猜测内容类型（X-Content-Type-Options 不是 `nosniff`）' },
    hint: composeHint,
    find: when(lacks('X-Content-Type-Options', 'nosniff')),
  },
  {
    id: 'W007',
    django: ['W007'],
    message: { en: 'The Content-Security-Policy does not keep foreign scripts out', zh: 'Content-Security-Policy 未能阻止外来脚本' },
    hint: {
      en: "Start from `default-src 'none'`, and allow neither 'unsafe-inline', 'unsafe-eval' nor whole schemes. It is what protects against cross-site scripting; X-XSS-Protection, which did once, stays 0.",
      zh: "请以 `default-src 'none'` 为基础，不要允许 'unsafe-inline'、'unsafe-eval' 或整个协议。跨站脚本防护依靠它；旧的 X-XSS-Protection 应保持为 0。",
    },
    find: when(({ headers }) => !isStrictPolicy(headers.get('Content-Security-Policy') ?? '') || headers.get('X-XSS-Protection') !== '0'),
  },
  {
    id: 'W019',
    django: ['W002', 'W019'],
    message: { en: 'Pages can be framed by others (X-Frame-Options is not `DENY`)', zh: '页面可被其他站点嵌入（X-Frame-Options 不是 `DENY`）' },
    hint: composeHint,
    find: when(lacks('X-Frame-Options', 'DENY')),
  },
  {
    id: 'W022',
    django: ['W022'],
    message: { en: 'Addresses of pages are given to other sites (Referrer-Policy)', zh: '页面地址会泄露给其他站点（Referrer-Policy）' },
    hint: composeHint,
    find: when(({ headers }) => !quietReferrerPolicies.has(headers.get('Referrer-Policy') ?? '')),
  },
  {
    id: 'E023',
    django: ['E023'],
    message: { en: 'The Referrer-Policy is none that browsers know', zh: 'Referrer-Policy 的值不是浏览器认可的值' },
    hint: composeHint,
    find: when(({ headers }) => headers.has('Referrer-Policy') && !referrerPolicies.has(headers.get('Referrer-Policy') ?? '')),
  },
  {
    id: 'W024',
    django: ['E024'],
    message: { en: 'Pages share a browser window with other sites (Cross-Origin-Opener-Policy is not `same-origin`)', zh: '页面与其他站点共享浏览上下文（Cross-Origin-Opener-Policy 不是 `same-origin`）' },
    hint: composeHint,
    find: when(lacks('Cross-Origin-Opener-Policy', 'same-origin')),
  },
  {
    id: 'W033',
    message: { en: 'Other sites can load answers, or pages can load what others did not offer (Cross-Origin-Resource-Policy, Cross-Origin-Embedder-Policy)', zh: '其他站点可加载本站内容，或本站可加载对方未授权的内容（Cross-Origin-Resource-Policy、Cross-Origin-Embedder-Policy）' },
    hint: composeHint,
    find: when((settings) => lacks('Cross-Origin-Resource-Policy', 'same-origin')(settings) || lacks('Cross-Origin-Embedder-Policy', 'require-corp')(settings)),
  },
  {
    id: 'W034',
    message: { en: 'Pages may use camera, location and the like (no Permissions-Policy)', zh: '页面可使用摄像头、定位等功能（缺少 Permissions-Policy）' },
    hint: composeHint,
    find: when(({ headers }) => !headers.has('Permissions-Policy')),
  },
  {
    id: 'W035',
    message: { en: 'Answers may be kept in caches (Cache-Control is not `no-store`)', zh: '响应可能被缓存（Cache-Control 不是 `no-store`）' },
    hint: composeHint,
    find: when(lacks('Cache-Control', 'no-store')),
  },
];

function lacks(header: string, value: string): (settings: DeploySettings) => boolean {
  return ({ headers }) => headers.get(header) !== value;
}

function isStrictPolicy(policy: string): boolean {
  return policy.includes("default-src 'none'") && !/'unsafe-|\*|(?:https?|data|blob):(?:[\s;]|$)/.test(policy);
}
