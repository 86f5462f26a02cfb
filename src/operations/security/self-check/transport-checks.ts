import { type DeployCheck, when } from './deploy-check.ts';

/** How requests arrive: hosts, proxies, HTTPS. */
export const transportChecks: readonly DeployCheck[] = [
  {
    id: 'E002',
    message: { en: 'Every host is allowed (`*`)', zh: '允许任意主机名（`*`）' },
    hint: {
      en: 'List the names that the service is published under in HOLDFAST_ALLOWED_HOSTS. Whoever chooses the host chooses where links and redirects lead.',
      zh: '请在 HOLDFAST_ALLOWED_HOSTS 中列出服务公布的主机名。谁能任选主机名，谁就能决定链接和重定向指向何处。',
    },
    find: when(({ hardening }) => hardening.allowedHosts.includes('*')),
  },
  {
    id: 'E003',
    django: ['W020'],
    message: { en: 'No host is allowed', zh: '没有允许的主机名' },
    hint: {
      en: 'Set HOLDFAST_ALLOWED_HOSTS, such as `backups.example.com`. Without it every request is refused.',
      zh: '请设置 HOLDFAST_ALLOWED_HOSTS，例如 `backups.example.com`。否则所有请求都会被拒绝。',
    },
    find: when(({ hardening }) => hardening.allowedHosts.length === 0),
  },
  {
    id: 'W004',
    django: ['W004'],
    message: { en: 'HSTS is on for {seconds} seconds, less than a year', zh: 'HSTS 有效期为 {seconds} 秒，不足一年' },
    hint: {
      en: 'Leave out HOLDFAST_HSTS_SECONDS: one year is what holds in production. A shorter time is right only while HTTPS is being introduced.',
      zh: '请去掉 HOLDFAST_HSTS_SECONDS：生产环境默认一年。仅在刚启用 HTTPS 期间才宜使用更短时间。',
    },
    find: ({ hardening }) => (hardening.hstsSeconds < 31_536_000 ? { seconds: hardening.hstsSeconds } : undefined),
  },
  {
    id: 'W005',
    django: ['W005'],
    message: { en: 'HSTS does not include subdomains', zh: 'HSTS 不包含子域名' },
    hint: {
      en: 'Leave out HOLDFAST_HSTS_INCLUDE_SUBDOMAINS, unless a subdomain is served over plain HTTP.',
      zh: '请去掉 HOLDFAST_HSTS_INCLUDE_SUBDOMAINS，除非有子域名仍以明文 HTTP 提供服务。',
    },
    find: when(({ hardening }) => !hardening.hstsIncludeSubdomains),
  },
  {
    id: 'W008',
    django: ['W008'],
    message: { en: 'Plain HTTP is served', zh: '提供明文 HTTP 服务' },
    hint: {
      en: 'Leave out HOLDFAST_HTTPS_REDIRECT, unless what stands before the service lets no plain HTTP through.',
      zh: '请去掉 HOLDFAST_HTTPS_REDIRECT，除非前端代理不放行任何明文 HTTP。',
    },
    find: when(({ hardening }) => !hardening.httpsRedirect),
  },
  {
    id: 'W021',
    django: ['W021'],
    message: { en: 'HSTS does not ask for preloading', zh: 'HSTS 未声明预加载' },
    hint: {
      en: 'Leave out HOLDFAST_HSTS_PRELOAD, unless the domain must be able to return to plain HTTP.',
      zh: '请去掉 HOLDFAST_HSTS_PRELOAD，除非该域名须保留恢复明文 HTTP 的可能。',
    },
    find: when(({ hardening }) => !hardening.hstsPreload),
  },
  {
    id: 'W027',
    message: { en: 'HTTPS is required, and no proxy is trusted to say that it was used', zh: '要求 HTTPS，但没有受信任的代理可告知是否使用了 HTTPS' },
    hint: {
      en: 'Set HOLDFAST_PROXY_HOPS to the number of proxies before the service: they end TLS, and only X-Forwarded-Proto tells the service so. Without it pages redirect for ever.',
      zh: '请将 HOLDFAST_PROXY_HOPS 设为服务之前的代理层数：TLS 在代理处终止，服务只能从 X-Forwarded-Proto 得知。否则页面会无限重定向。',
    },
    find: when(({ hardening }) => hardening.httpsRedirect && hardening.proxyHops === 0),
  },
  {
    id: 'W028',
    message: { en: 'All hosts of a top-level domain are allowed ({patterns})', zh: '允许某顶级域下的所有主机名（{patterns}）' },
    hint: {
      en: 'Name the domain in HOLDFAST_ALLOWED_HOSTS: `.example.com`.',
      zh: '请在 HOLDFAST_ALLOWED_HOSTS 中写明域名：`.example.com`。',
    },
    find: ({ hardening }) => {
      const patterns = hardening.allowedHosts.filter((pattern) => /^\.[^.]*$/.test(pattern));
      return patterns.length > 0 ? { patterns: patterns.join(', ') } : undefined;
    },
  },
  {
    id: 'W037',
    message: { en: 'Passwords and data go over the network in clear, to {addresses}', zh: '密码和数据以明文经网络发往 {addresses}' },
    hint: {
      en: 'Add `?sslmode=verify-full` to a PostgreSQL address, write `rediss://` for Redis; or silence this where the network itself encrypts.',
      zh: '请在 PostgreSQL 地址后加 `?sslmode=verify-full`，Redis 用 `rediss://`；若网络本身已加密，可将其静默。',
    },
    find: ({ connections }) => {
      const clear = connections.flatMap((address) => URL.parse(address) ?? []).filter(isClear).map(({ protocol, host }) => `${protocol}//${host}`);
      return clear.length > 0 ? { addresses: clear.join(', ') } : undefined;
    },
  },
];

const loopback: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]', '']);

/** `prefer`, what PostgreSQL's clients do when they are told nothing, gives way to whoever answers without TLS. */
function isClear({ protocol, hostname, searchParams }: URL): boolean {
  if (loopback.has(hostname) || hostname.startsWith('%2F')) return false;
  if (protocol === 'redis:') return true;
  return /^postgres(ql)?:$/.test(protocol) && !['require', 'verify-ca', 'verify-full'].includes(searchParams.get('sslmode') ?? '');
}
