import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { readConfiguration } from '../../../src/operations/configuration.ts';
import { hardeningOfVariables, hardeningVariables } from '../../../src/operations/security/hardening-variables.ts';
import { defaultsOf, type Hardening, hardeningOf, hardeningTable } from '../../../src/operations/security/hardening.ts';

describe('the development and production table', () => {
  const lines = [
    ['debug', true, false],
    ['httpsRedirect', false, true],
    ['hstsSeconds', 0, 31_536_000],
    ['hstsIncludeSubdomains', false, true],
    ['hstsPreload', false, true],
    ['sessionCookieSecure', false, true],
    ['csrfCookieSecure', false, true],
    ['allowedHosts', ['localhost', '127.0.0.1', '[::1]'], []],
    ['trustedOrigins', [], []],
    ['proxyHops', 0, 0],
    ['passwordMinimum', 8, 8],
  ] as const;

  it.each(lines)('says of %s: %j in development, %j in production', (setting, development, production) => {
    expect(defaultsOf('development')[setting]).toEqual(development);
    expect(defaultsOf('production')[setting]).toEqual(production);
  });

  it('has no line besides', () => {
    expect(Object.keys(hardeningTable)).toEqual(lines.map(([setting]) => setting));
  });
});

describe('hardeningOf', () => {
  it('makes a new secret key for each development process, and none in production', () => {
    const [one, other] = [hardeningOf('development'), hardeningOf('development')];
    expect(one.secretKeys[0]).toMatch(/^[\w-]{43}$/);
    expect(one.secretKeys).not.toEqual(other.secretKeys);
    expect(hardeningOf('production').secretKeys).toEqual([]);
  });

  it('puts what is set on top of the mode’s defaults', () => {
    const hardening = hardeningOf('production', { hstsSeconds: 60 });
    expect(hardening).toMatchObject({ mode: 'production', hstsSeconds: 60, httpsRedirect: true, debug: false });
  });
});

function read(environment: Record<string, string>): Hardening {
  return hardeningOfVariables(readConfiguration(z.object(hardeningVariables), environment));
}

describe('hardeningOfVariables', () => {
  it('is in production unless told otherwise', () => {
    expect(read({})).toEqual(hardeningOf('production'));
    expect(read({ HOLDFAST_MODE: 'development' })).toMatchObject({ ...defaultsOf('development'), mode: 'development' });
  });

  it('reads every line of the table', () => {
    const hardening = read({
      HOLDFAST_DEBUG: 'on',
      HOLDFAST_HTTPS_REDIRECT: 'off',
      HOLDFAST_HSTS_SECONDS: '3600',
      HOLDFAST_HSTS_INCLUDE_SUBDOMAINS: 'no',
      HOLDFAST_HSTS_PRELOAD: 'false',
      HOLDFAST_SESSION_COOKIE_SECURE: '0',
      HOLDFAST_CSRF_COOKIE_SECURE: '0',
      HOLDFAST_ALLOWED_HOSTS: 'a.example, .b.example',
      HOLDFAST_TRUSTED_ORIGINS: 'https://c.example',
      HOLDFAST_PROXY_HOPS: '2',
      HOLDFAST_PASSWORD_MINIMUM: '12',
      HOLDFAST_SECRET_KEY: 'new, old',
      HOLDFAST_SECURITY_CONTACT: 'mailto:security@example.com',
      HOLDFAST_SECURITY_TXT_EXPIRES: '2027-01-01',
    });
    expect(hardening).toEqual({
      mode: 'production',
      debug: true,
      httpsRedirect: false,
      hstsSeconds: 3600,
      hstsIncludeSubdomains: false,
      hstsPreload: false,
      sessionCookieSecure: false,
      csrfCookieSecure: false,
      allowedHosts: ['a.example', '.b.example'],
      trustedOrigins: ['https://c.example'],
      proxyHops: 2,
      passwordMinimum: 12,
      secretKeys: ['new', 'old'],
      securityTxt: { contacts: ['mailto:security@example.com'], expires: new Date('2027-01-01T00:00:00Z') },
    });
  });

  it.each([
    ['HOLDFAST_MODE', 'staging'],
    ['HOLDFAST_DEBUG', 'perhaps'],
    ['HOLDFAST_HSTS_SECONDS', '-1'],
    ['HOLDFAST_PROXY_HOPS', '1.5'],
    ['HOLDFAST_SECURITY_TXT_EXPIRES', 'soon'],
    ['HOLDFAST_SILENCED_CHECKS', 'W021'],
  ])('refuses %s=%s', (name, value) => {
    expect(() => read({ [name]: value })).toThrow(name);
  });
});
