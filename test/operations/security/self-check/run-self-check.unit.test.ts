import { describe, expect, it } from '@jest/globals';
import { languages } from '../../../../src/operations/text.ts';
import type { CookieDefinition } from '../../../../src/operations/security/cookies.ts';
import { type Hardening, hardeningOf } from '../../../../src/operations/security/hardening.ts';
import { type DeploySettings, deploySettingsOf } from '../../../../src/operations/security/self-check/deploy-check.ts';
import { deployChecks } from '../../../../src/operations/security/self-check/deploy-checks.ts';
import { findingsJson, findingsText } from '../../../../src/operations/security/self-check/render-findings.ts';
import { isSafe, levelOf, requireSafe, runSelfCheck } from '../../../../src/operations/security/self-check/run-self-check.ts';
import { SilencedChecks } from '../../../../src/operations/security/self-check/silenced-checks.ts';

const now = new Date('2026-11-25T00:00:00Z');
const key = 'Jx3v9Qm2LkT7wRzB5nYcF8hD1sGpA6uE0oViKqWtXyZbNfMd';

/** A production service with everything as it should be, but for what is set. */
function safe(set: Partial<Omit<Hardening, 'mode'>> = {}): DeploySettings {
  const hardening = hardeningOf('production', {
    allowedHosts: ['backups.example.com'],
    proxyHops: 1,
    secretKeys: [key],
    securityTxt: { contacts: ['mailto:security@example.com'], expires: new Date('2027-06-01T00:00:00Z') },
    ...set,
  });
  return deploySettingsOf(hardening, { now, connections: [] });
}

function withHeader(name: string, value: string | undefined): DeploySettings {
  const headers = new Map(safe().headers);
  if (value === undefined) headers.delete(name);
  else headers.set(name, value);
  return { ...safe(), headers };
}

function withCookie(which: 'session' | 'csrf', attributes: Partial<CookieDefinition['attributes']>): DeploySettings {
  const { cookies, ...settings } = safe();
  const cookie = { ...cookies[which], attributes: { ...cookies[which].attributes, ...attributes } };
  return { ...settings, cookies: { ...cookies, [which]: cookie } };
}

const policy = safe().headers.get('Content-Security-Policy') ?? '';

/** Each check with settings that only it minds (W001 and W036 speak of much at once). */
const unsafe: readonly (readonly [string, DeploySettings, ...string[]])[] = [
  ['E001', safe({ debug: true })],
  ['E002', safe({ allowedHosts: ['*'] })],
  ['E003', safe({ allowedHosts: [] })],
  ['E004', safe({ secretKeys: [] })],
  ['E005', safe({ trustedOrigins: ['https://admin.example.com/'] })],
  ['E005', safe({ trustedOrigins: ['admin.example.com'] })],
  ['E005', safe({ trustedOrigins: ['https://*.example.com'] })],
  ['E005', safe({ trustedOrigins: ['*'] })],
  ['E005', safe({ trustedOrigins: ['null'] })],
  ['E023', withHeader('Referrer-Policy', 'whatever'), 'W022'],
  ['W001', { ...safe(), headers: new Map() }, 'W006', 'W007', 'W019', 'W022', 'W024', 'W033', 'W034', 'W035'],
  ['W003', { ...safe(), csrfProtection: false }],
  ['W004', safe({ hstsSeconds: 0 })],
  ['W004', safe({ hstsSeconds: 31_535_999 })],
  ['W005', safe({ hstsIncludeSubdomains: false })],
  ['W006', withHeader('X-Content-Type-Options', undefined)],
  ['W007', withHeader('Content-Security-Policy', undefined)],
  ['W007', withHeader('Content-Security-Policy', policy.replace("script-src 'self'", "script-src 'self' 'unsafe-inline'"))],
  ['W007', withHeader('Content-Security-Policy', policy.replace("script-src 'self'", 'script-src https:'))],
  ['W007', withHeader('Content-Security-Policy', policy.replace("default-src 'none'", "default-src 'self'"))],
  ['W007', withHeader('X-XSS-Protection', '1; mode=block')],
  ['W008', safe({ httpsRedirect: false })],
  ['W009', safe({ secretKeys: ['short'] })],
  ['W009', safe({ secretKeys: ['ab'.repeat(40)] })],
  ['W009', safe({ secretKeys: [`insecure-${key}`] })],
  ['W012', withCookie('session', { secure: false })],
  ['W012', safe({ sessionCookieSecure: false }), 'W029'],
  ['W015', withCookie('session', { httpOnly: false })],
  ['W016', withCookie('csrf', { secure: false })],
  ['W016', safe({ csrfCookieSecure: false }), 'W029'],
  ['W017', withCookie('csrf', { httpOnly: false })],
  ['W019', withHeader('X-Frame-Options', 'SAMEORIGIN')],
  ['W021', safe({ hstsPreload: false })],
  ['W022', withHeader('Referrer-Policy', 'unsafe-url')],
  ['W022', withHeader('Referrer-Policy', undefined)],
  ['W024', withHeader('Cross-Origin-Opener-Policy', 'unsafe-none')],
  ['W025', safe({ secretKeys: [key, 'old'] })],
  ['W026', safe({ trustedOrigins: ['http://admin.example.com'] })],
  ['W027', safe({ proxyHops: 0 })],
  ['W028', safe({ allowedHosts: ['.com'] })],
  ['W029', safe({ csrfCookieSecure: false }), 'W016'],
  ['W030', safe({ passwordMinimum: 7 })],
  ['W031', { ...safe(), hardening: withoutSecurityTxt() }],
  ['W031', safe({ securityTxt: { contacts: ['mailto:a@b.example'], expires: now } })],
  ['W031', safe({ securityTxt: { contacts: [], expires: new Date('2027-01-01T00:00:00Z') } })],
  ['W032', withCookie('session', { sameSite: 'none' })],
  ['W033', withHeader('Cross-Origin-Embedder-Policy', undefined)],
  ['W033', withHeader('Cross-Origin-Resource-Policy', 'cross-origin')],
  ['W034', withHeader('Permissions-Policy', undefined)],
  ['W035', withHeader('Cache-Control', 'public')],
  ['W037', { ...safe(), connections: ['postgres://holdfast@db.example.com/holdfast'] }],
  ['W037', { ...safe(), connections: ['postgres://holdfast@db.example.com/holdfast?sslmode=prefer'] }],
  ['W037', { ...safe(), connections: ['redis://redis.example.com:6379'] }],
  ['W036', { ...safe(), hardening: { ...safe().hardening, mode: 'development' } }],
];

function withoutSecurityTxt(): Hardening {
  const { securityTxt: _none, ...hardening } = safe().hardening;
  return hardening;
}

const idsOf = (settings: DeploySettings): string[] => runSelfCheck(settings, { silenced: [] }).map(({ id }) => id);

describe('runSelfCheck', () => {
  it('finds nothing when everything is as it should be', () => {
    expect(idsOf(safe())).toEqual([]);
    expect(isSafe(runSelfCheck(safe(), { silenced: [] }))).toBe(true);
  });

  it('takes no offence at connections that are encrypted, or do not leave the machine', () => {
    const connections = [
      'postgres://db.example.com/a?sslmode=verify-full',
      'postgresql://db.example.com/a?sslmode=require',
      'rediss://redis.example.com',
      'redis://localhost:6379',
      'postgres://%2Fvar%2Frun%2Fpostgresql/a',
      'sqlite:///var/lib/catalog.sqlite',
    ];
    expect(idsOf({ ...safe(), connections })).toEqual([]);
  });

  it('names no password of a connection', () => {
    const [finding] = runSelfCheck({ ...safe(), connections: ['redis://:hunter2@redis.example.com:6379'] }, { silenced: [] });
    expect(finding?.message.en).toBe('Passwords and data go over the network in clear, to redis://redis.example.com:6379');
  });

  it.each(unsafe.map(([id, settings, ...others], index) => [id, index, settings, others] as const))('finds %s (case %#)', (id, _index, settings, others) => {
    expect(idsOf(settings).toSorted()).toEqual([id, ...others].toSorted());
  });

  it('has a case for each check here, and each id once', () => {
    const ids = deployChecks.map(({ id }) => id);
    expect([...new Set(unsafe.map(([id]) => id))].toSorted()).toEqual(ids.toSorted());
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('minds each line of the development table when a development service is judged', () => {
    const found = idsOf(deploySettingsOf(hardeningOf('development'), { now, connections: [] }));
    expect(found).toEqual(['E001', 'W004', 'W005', 'W008', 'W012', 'W016', 'W021', 'W029', 'W031', 'W036']);
  });

  it('stands for every check of Django’s from W001 to W025', () => {
    const covered = deployChecks.flatMap(({ django = [] }) => django).map((id) => Number(id.slice(1)));
    expect(covered.toSorted((one, other) => one - other)).toEqual(Array.from({ length: 25 }, (_, index) => index + 1));
  });

  it('says what is wrong and what to do, with every value filled in, in each language', () => {
    for (const [, settings] of unsafe) {
      for (const { message, hint } of runSelfCheck(settings, { silenced: [] })) {
        for (const language of languages) {
          expect([message[language], hint[language]].join(' ')).not.toMatch(/\{\w*\}/);
          expect(hint[language].length).toBeGreaterThan(5);
        }
        expect(message.zh).toMatch(/[\u4e00-\u9fff]/);
      }
    }
  });

  it('keeps a silenced warning with its reason, and counts it as accepted', () => {
    const findings = runSelfCheck(safe({ hstsPreload: false }), { silenced: [{ id: 'W021', reason: 'not listed yet' }] });
    expect(findings).toMatchObject([{ id: 'W021', silenced: 'not listed yet' }]);
    expect(isSafe(findings)).toBe(true);
  });

  it('does not let an error be silenced', () => {
    const findings = runSelfCheck(safe({ debug: true }), { silenced: [{ id: 'E001', reason: 'in a hurry' }] });
    expect(findings[0]?.silenced).toBeUndefined();
    expect(isSafe(findings)).toBe(false);
  });

  it('shows no secret key', () => {
    const keys = ['insecure-hunter2', 'older-hunter3'];
    const findings = runSelfCheck(safe({ secretKeys: keys }), { silenced: [] });
    expect(findings.map(({ id }) => id)).toEqual(['W009', 'W025']);
    expect(JSON.stringify(findings)).not.toMatch(/hunter/);
  });
});

describe('SilencedChecks', () => {
  it('reads ids with their reasons', () => {
    expect(SilencedChecks.parse('W021: not listed yet;W031:internal: no contact ;')).toEqual([
      { id: 'W021', reason: 'not listed yet' },
      { id: 'W031', reason: 'internal: no contact' },
    ]);
  });

  it.each(['W021', 'W021:', 'E001: because', 'W21: because', 'W999: because', 'all: because'])('refuses %s', (text) => {
    expect(SilencedChecks.safeParse(text).success).toBe(false);
  });
});

describe('requireSafe', () => {
  it('refuses to start a production service that must never be so, and says all of it', () => {
    expect(() => requireSafe(safe({ debug: true, allowedHosts: ['*'], secretKeys: [] }))).toThrow(/E001: Debug is on.*E002: .*E004: /s);
  });

  it('lets a production service with warnings start, and any development service', () => {
    requireSafe(safe({ hstsSeconds: 0 }));
    requireSafe(deploySettingsOf(hardeningOf('development', { allowedHosts: ['*'] }), { now, connections: [] }));
    expect(levelOf({ id: 'W004' })).toBe('warning');
  });
});

describe('what is found', () => {
  const findings = runSelfCheck(safe({ debug: true, hstsPreload: false, hstsSeconds: 5 }), { silenced: [{ id: 'W021', reason: 'not listed yet' }] });

  it('can be read by people, in their language', () => {
    expect(findingsText(findings, 'en')).toMatch(
      /^E001 error: Debug is on\n {5}Leave out.*\n\nW004 warning: HSTS is on for 5 seconds.*\n {5}.*\n\nW021 warning: .*\n {5}accepted: not listed yet\n\nErrors: 1, warnings: 1, accepted: 1\.\n$/,
    );
    expect(findingsText(findings, 'zh')).toContain('E001 错误: 调试已开启');
    expect(findingsText([], 'zh')).toBe('未发现不安全之处。\n');
  });

  it('can be read by programs', () => {
    expect(JSON.parse(JSON.stringify(findingsJson(findings, 'en')))).toMatchObject({
      safe: false,
      findings: [
        { id: 'E001', level: 'error', message: 'Debug is on', hint: expect.stringContaining('HOLDFAST_DEBUG') },
        { id: 'W004', level: 'warning' },
        { id: 'W021', level: 'warning', silenced: 'not listed yet' },
      ],
    });
    expect(findingsJson([], 'en')).toEqual({ safe: true, findings: [] });
  });
});
