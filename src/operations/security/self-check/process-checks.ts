import { type DeployCheck, when } from './deploy-check.ts';

/** What the process itself holds: its mode, keys and rules. */
export const processChecks: readonly DeployCheck[] = [
  {
    id: 'E001',
    django: ['W018'],
    message: { en: 'Debug is on', zh: '调试已开启' },
    hint: { en: 'Leave out HOLDFAST_DEBUG: answers and log lines would tell of the inside.', zh: '请去掉 HOLDFAST_DEBUG：否则响应和日志会泄露内部信息。' },
    find: when(({ hardening }) => hardening.debug),
  },
  {
    id: 'E004',
    message: { en: 'There is no secret key', zh: '没有密钥' },
    hint: {
      en: 'Write the output of `openssl rand -base64 48` into a file of mode 0600 and name it in HOLDFAST_SECRET_KEY_FILE; all replicas share it.',
      zh: '请将 `openssl rand -base64 48` 的输出写入权限为 0600 的文件，并用 HOLDFAST_SECRET_KEY_FILE 指定；所有副本共用。',
    },
    find: when(({ hardening }) => hardening.secretKeys.length === 0),
  },
  {
    id: 'W009',
    django: ['W009'],
    message: { en: 'The secret key can be guessed', zh: '密钥可被猜出' },
    hint: {
      en: 'Use 43 random characters or more: `openssl rand -base64 48`. Put the new key in front and keep the old one behind it for a day.',
      zh: '请使用不少于 43 个随机字符：`openssl rand -base64 48`。新密钥放在最前，旧密钥在其后保留一天。',
    },
    find: when(({ hardening }) => hardening.secretKeys.slice(0, 1).some(isWeak)),
  },
  {
    id: 'W025',
    django: ['W025'],
    message: { en: 'An older secret key can be guessed', zh: '某个旧密钥可被猜出' },
    hint: { en: 'Take it away: what it signed is accepted as long as it is listed.', zh: '请移除它：只要仍被列出，由它签名的内容就会被接受。' },
    find: when(({ hardening }) => hardening.secretKeys.slice(1).some(isWeak)),
  },
  {
    id: 'W030',
    message: { en: 'Passwords of {characters} characters are accepted', zh: '接受仅 {characters} 个字符的密码' },
    hint: { en: 'Leave out HOLDFAST_PASSWORD_MINIMUM: 8 is the least.', zh: '请去掉 HOLDFAST_PASSWORD_MINIMUM：最少应为 8。' },
    find: ({ hardening }) => (hardening.passwordMinimum < 8 ? { characters: hardening.passwordMinimum } : undefined),
  },
  {
    id: 'W031',
    message: { en: 'Nobody can tell where to report a weakness (no current security.txt)', zh: '外界无从得知向何处报告漏洞（缺少有效的 security.txt）' },
    hint: {
      en: 'Set HOLDFAST_SECURITY_CONTACT (`mailto:security@example.com`) and HOLDFAST_SECURITY_TXT_EXPIRES, a date within a year.',
      zh: '请设置 HOLDFAST_SECURITY_CONTACT（`mailto:security@example.com`）和 HOLDFAST_SECURITY_TXT_EXPIRES（一年以内的日期）。',
    },
    find: when(({ hardening: { securityTxt }, now }) => securityTxt === undefined || securityTxt.contacts.length === 0 || securityTxt.expires <= now),
  },
  {
    id: 'W036',
    message: { en: 'The service runs in development mode', zh: '服务以开发模式运行' },
    hint: { en: 'Set HOLDFAST_MODE=production; many of the other findings go away with it.', zh: '请设置 HOLDFAST_MODE=production；许多其他问题会随之消失。' },
    find: when(({ hardening }) => hardening.mode !== 'production'),
  },
];

/** Shorter than 32 random bytes in base64, of few different characters, or words of the kind that examples use. */
function isWeak(key: string): boolean {
  return key.length < 43 || new Set(key).size < 16 || /insecure|change-?me|example|secret|password/i.test(key);
}
