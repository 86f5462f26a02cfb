import { describe, expect, it } from '@jest/globals';
import { secretsOf } from '../../../src/operations/sentry/environment-secrets.ts';
import { createScrubber, filtered } from '../../../src/operations/sentry/scrub.ts';

const scrub = createScrubber();
scrub.hide(['correct horse/battery"staple', 'short']);

describe('a scrubber', () => {
  it.each([
    ['a password in words', 'login failed: password=hunter2-xyz for ann'],
    ['a quoted value', `{"apiKey": "hunter2-xyz", "id": 4}`],
    ['a value with spaces in quotes', `db_password='hunter2-xyz and more'`],
    ['an arrow', 'token => hunter2-xyz'],
    ['a query', 'GET /x?page=2&access_token=hunter2-xyz&size=1'],
    ['a URL with a password', 'cannot reach postgres://ann:hunter2-xyz@db:5432/shop'],
    ['a URL with a password that nobody escaped', 'cannot reach postgres://ann:hunter2-xyz/a@b@db:5432/shop'],
    ['a URL with a password and no user', 'redis://:hunter2-xyz@cache:6379'],
    ['a DSN', 'https://hunter2xyz@sentry.example/4'.replace('hunter2xyz', 'hunter2-xyz')],
    ['an age identity', 'AGE-SECRET-KEY-1HUNTER2-XYZ'],
    ['a private key', '-----BEGIN RSA PRIVATE KEY-----\nhunter2-xyz\n-----END RSA PRIVATE KEY-----'],
    ['a private key cut short', '-----BEGIN PRIVATE KEY-----\nhunter2-xyz'],
    ['a JSON web token', 'token eyJhbGciOi.eyJzdWIi.hunter2-xyz'],
    ['a bearer token', 'sent authorization bearer hunter2-xyz'],
    ['a header', 'Authorization: Digest username="hunter2-xyz"'],
    ['cookies', 'Cookie: theme=dark; sid=hunter2-xyz'],
    ['a password hash', 'stored $argon2id$v=19$m=65536$hunter2-xyz'],
    ['a token of GitHub', 'ghp_hunter2-xyz00'],
  ])('hides %s', (_name, text) => {
    expect(scrub.text(text).toLowerCase()).not.toContain('hunter2-xyz');
    expect(scrub.text(text)).toContain(filtered);
  });

  it.each([
    'the backup of shop is 3 days old',
    'GET /core/health/ answered 503 in 12 ms',
    'file:///app/node_modules/@sentry/node/build/index.js',
    'at traceRequest (/app/src/operations/sentry/request-scope.ts:31:5)',
    'SELECT id, name FROM account WHERE id = $1',
    'https://example.com/docs?page=2',
  ])('leaves alone: %s', (text) => {
    expect(scrub.text(text)).toBe(text);
  });

  it.each([
    'password', 'userPassword', 'PASSWORD', 'new_password', 'pwd', 'clientSecret', 'api-key', 'apiKey', 'X-Api-Key', 'accessToken', 'refresh_token', 'authorization', 'Proxy-Authorization',
    'cookie', 'Set-Cookie', 'csrf', 'xsrf', 'sessionId', 'sid', 'privateKey', 'repositoryKey', 'HOLDFAST_IDENTITY', 'identity', 'SENTRY_DSN', 'databaseUrl', 'db.connection_string', 'otp', 'pin', 'iban', 'cardNumber', 'signature', 'credentials', 'passphrase',
  ])('hides what stands under the key %s, at any depth', (key) => {
    expect(JSON.stringify(scrub.value({ a: [{ b: { [key]: 'hunter2-xyz' } }, { b: { [key]: { deep: ['hunter2-xyz'] } } }] }))).not.toContain('hunter2-xyz');
  });

  it('keeps the keys that reports are made of, and truths about secrets', () => {
    const event = { event_id: '1', trace_id: '2', user: { id: 'u-1' }, tags: { passed: 'yes', error_code: 'X' }, contexts: { os: { name: 'Linux' } }, hasPassword: true, session: undefined };
    expect(scrub.value(event)).toEqual(event);
  });

  it('hides known secrets as they are and as URLs and JSON spell them, and none too short to tell', () => {
    const text = scrub.text(`correct horse/battery"staple ${encodeURIComponent('correct horse/battery"staple')} ${JSON.stringify('correct horse/battery"staple')} short`);
    expect(text).toBe(`${filtered} ${filtered} "${filtered}" short`);
  });

  it('hides secrets in keys, and what lies too deep to look at', () => {
    expect(JSON.stringify(scrub.value({ 'token=hunter2-xyz': 1 }))).not.toContain('hunter2-xyz');
    const nested = Array.from({ length: 40 }).reduce<unknown>((inner) => ({ inner }), 'hunter2-xyz');
    expect(JSON.stringify(scrub.value(nested))).not.toContain('hunter2-xyz');
  });

  it('takes long hostile texts in linear time', () => {
    for (const piece of ['a', 'password', 'x://', '@', 'token=', '"', '-----BEGIN PRIVATE KEY-----', 'eyJ', ' ', 'a.', 'x:']) {
      const begun = performance.now();
      scrub.text(piece.repeat(20_000));
      expect(performance.now() - begun).toBeLessThan(1000);
    }
  });
});

describe('the secrets of an environment', () => {
  it('are the values of variables named like one, and passwords in addresses', () => {
    const secrets = secretsOf({ SECRET_KEY: 'k-1', PGPASSWORD: 'p-1', HOLDFAST_CATALOG: 'postgres://ann:p%402@db/x', PATH: '/bin', API_TOKEN_FILE: '/run/token', HOME: undefined });
    expect(secrets).toEqual(['k-1', 'p-1', 'p%402', 'p@2']);
  });
});
