import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Store } from '../../../src/repository/stores/store.ts';
import { openStore, type OpenStoreOptions } from '../../../src/repository/stores/open-store.ts';
import { backUp, codeFrom, newKeys, newRepository, readBack } from '../repository-fixture.ts';
import { freePort } from '../../services/service.ts';
import { strictBehaviour } from '../../services/s3-front.ts';
import { type S3Server, startS3Server } from '../../services/s3-server.ts';
import { listed } from './store-suite.ts';

const options = { signal: new AbortController().signal };
const patience = { connectMs: 2000, idleMs: 1000, attempts: 4, firstDelayMs: 20, maxDelayMs: 50 };
const content = Buffer.alloc(100_000, 'content ');

let server: S3Server;
let store: Store;
beforeAll(async () => {
  server = await startS3Server();
});
afterAll(async () => {
  await server.stop();
});
beforeEach(async () => {
  store = await open();
});
afterEach(async () => {
  Object.assign(server.behaviour, strictBehaviour());
  await store.close();
});

function open(s3: OpenStoreOptions['s3'] = {}, bucket = server.bucket): Promise<Store> {
  return openStore(`s3://${bucket}/${randomUUID()}`, { s3: { endpoint: server.endpoint, credentials: server, patience, ...s3 } });
}

describe('An S3 server that refuses', () => {
  it.each([
    ['a wrong secret', { secretAccessKey: 'wrong/secret' }, 'SignatureDoesNotMatch'],
    ['an unknown key', { accessKeyId: 'AKIAUNKNOWN' }, 'InvalidAccessKeyId'],
  ])('because of %s is told of by its code, and no secret is shown', async (_, wrong, code) => {
    const refused = await open({ credentials: { accessKeyId: server.accessKeyId, secretAccessKey: server.secretAccessKey, ...wrong } });
    const failure = await failureOf(refused.put('key', content, options));
    expect(failure).toMatchObject({ code: 'STORE_REFUSED', category: 'store', retryable: false, message: expect.stringContaining(`${code}, HTTP 403`) });
    const shown = inspect(failure, { depth: 10, showHidden: true });
    expect(shown).not.toContain('wrong/secret');
    expect(shown).not.toContain(server.secretAccessKey);
    expect(shown).not.toContain('Signature=');
    // HEAD answers carry no code.
    await expect(refused.stat('key', options)).rejects.toMatchObject({ code: 'STORE_REFUSED', message: expect.stringContaining('HTTP 403') });
    await expect(listed(refused, '')).rejects.toMatchObject({ code: 'STORE_REFUSED' });
    await expect(refused.prepare(options)).rejects.toMatchObject({ code: 'STORE_REFUSED' });
    await refused.close();
  });

  it('because there is no such bucket is told of as such', async () => {
    const nowhere = await open({}, 'no-such-bucket');
    const failure = { code: 'STORE_NOT_FOUND', message: expect.stringContaining('s3://no-such-bucket/') };
    await expect(nowhere.put('key', content, options)).rejects.toMatchObject(failure);
    await expect(nowhere.get('key', options)).rejects.toMatchObject(failure);
    await expect(listed(nowhere, '')).rejects.toMatchObject(failure);
    await nowhere.close();
  });

  it.each([[507, 'XMinioStorageFull'], [403, 'QuotaExceeded'], [507, 'Unknown']])('because it is full (%d %s) is told of at once', async (status, code) => {
    server.behaviour.refusal = { status, code };
    await expect(store.put('key', content, options)).rejects.toMatchObject({ code: 'STORE_FULL', values: { key: 'key' } });
  });

  it('a request for another reason is told of by status and code', async () => {
    server.behaviour.refusal = { status: 400, code: 'InvalidRequest' };
    await expect(store.put('key', content, options)).rejects.toMatchObject({ code: 'STORE_FAILED', message: expect.stringContaining('InvalidRequest, HTTP 400') });
  });
});

describe('An S3 server that knows no conditions', () => {
  it('and says so with 501 gets its objects all the same, after a look', async () => {
    server.behaviour.refusesConditions = true;
    expect(await store.detectConditionalPut(options)).toBe(false);
    const unaware = await open();
    await unaware.putIfAbsent('head', content, options);
    await expect(unaware.putIfAbsent('head', Buffer.from('other'), options)).rejects.toMatchObject({ code: 'STORE_OBJECT_EXISTS' });
    expect((await unaware.get('head', options)).equals(content)).toBe(true);
    await unaware.close();
  });

  it('and ignores them is found out, and an object that is there is still not overwritten', async () => {
    server.behaviour.holdsConditions = false;
    await store.putIfAbsent('head', content, options);
    await expect(store.putIfAbsent('head', Buffer.from('other'), options)).rejects.toMatchObject({ code: 'STORE_OBJECT_EXISTS' });
    expect(await store.detectConditionalPut(options)).toBe(false);
  });
});

describe('An S3 server that is not there', () => {
  it('is told of after a few tries', async () => {
    const down = await open({ endpoint: `http://127.0.0.1:${await freePort()}` });
    await expect(down.put('key', content, options)).rejects.toMatchObject({ code: 'STORE_UNREACHABLE', retryable: true, message: expect.stringContaining('ECONNREFUSED') });
    await down.close();
  });

  it('because its name is unknown is told of', async () => {
    const unknown = await open({ endpoint: 'http://no-such-host.invalid' });
    await expect(unknown.get('key', options)).rejects.toMatchObject({ code: 'STORE_UNREACHABLE', message: expect.stringMatching(/ENOTFOUND|EAI_AGAIN/) });
    await unknown.close();
  });

  it('but something else that answers is told of', async () => {
    const web = createServer((request, response) => {
      request.resume().once('end', () => response.writeHead(200, { 'content-type': 'text/html' }).end('<html><body>It works!<br></body></html>'));
    });
    await new Promise<void>((resolve) => { web.listen(0, '127.0.0.1', resolve); });
    const wrong = await open({ endpoint: `http://127.0.0.1:${(web.address() as AddressInfo).port}` });
    try {
      await expect(listed(wrong, '')).rejects.toMatchObject({ category: 'store' });
      await expect(wrong.put('key', content, options)).rejects.toMatchObject({ code: 'STORE_LOST_WRITE' });
    } finally {
      await wrong.close();
      web.closeAllConnections();
      web.close();
    }
  });

  it('gives no credentials either: that is said, with the names of the variables', async () => {
    const names = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_PROFILE', 'AWS_WEB_IDENTITY_TOKEN_FILE', 'AWS_EC2_METADATA_DISABLED', 'AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE'];
    const before = Object.fromEntries(names.map((name) => [name, process.env[name]]));
    for (const name of names) delete process.env[name];
    Object.assign(process.env, { AWS_EC2_METADATA_DISABLED: 'true', AWS_CONFIG_FILE: '/no/such/file', AWS_SHARED_CREDENTIALS_FILE: '/no/such/file' });
    try {
      const nobody = await open({ credentials: undefined });
      await expect(nobody.put('key', content, options)).rejects.toMatchObject({ code: 'STORE_CREDENTIALS_MISSING', hint: expect.stringContaining('AWS_ACCESS_KEY_ID') });
      await nobody.close();
    } finally {
      for (const name of names) {
        if (before[name] === undefined) delete process.env[name];
        else process.env[name] = before[name];
      }
    }
  });
});

describe('An S3 server in passing trouble', () => {
  it('that answers 503 for a while is asked again', async () => {
    server.behaviour.unavailable = 3;
    await store.put('key', content, options);
    server.behaviour.unavailable = 3;
    expect((await store.get('key', options)).equals(content)).toBe(true);
    server.behaviour.unavailable = 3;
    expect(await listed(store, '')).toHaveLength(1);
  });

  it('that does not get well is told of by its code', async () => {
    server.behaviour.unavailable = 1000;
    await expect(store.put('key', content, options)).rejects.toMatchObject({ code: 'STORE_FAILED', message: expect.stringContaining('SlowDown, HTTP 503') });
    expect(server.behaviour.unavailable).toBe(1000 - patience.attempts);
  });

  it('that cuts connections is asked again', async () => {
    server.behaviour.cutBefore = 3;
    await store.put('key', content, options);
    server.behaviour.cutBefore = 3;
    expect((await store.get('key', options)).equals(content)).toBe(true);
  });

  it('that cuts a body short is asked again, and never believed', async () => {
    await store.put('key', content, options);
    server.behaviour.truncatedReads = 3;
    expect((await store.get('key', options)).equals(content)).toBe(true);
    server.behaviour.truncatedReads = 4;
    await expect(store.get('key', options)).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
  });

  it('whose answer to a conditional put was lost is found to have stored our object', async () => {
    server.behaviour.cutAfterPut = 1;
    await store.putIfAbsent('head', content, options);
    expect((await store.get('head', options)).equals(content)).toBe(true);
  });

  it("whose answer to a conditional put was lost is found to hold another's object", async () => {
    server.behaviour.cutBefore = 1;
    const other = await openStore(store.url, { s3: { endpoint: server.plainEndpoint, credentials: server }, conditionalPut: false });
    server.behaviour.delayMs = 200;
    const ours = store.putIfAbsent('head', content, options);
    await other.putIfAbsent('head', Buffer.from('theirs'), options);
    await expect(ours).rejects.toMatchObject({ code: 'STORE_OBJECT_EXISTS' });
    expect(String(await store.get('head', options))).toBe('theirs');
    await other.close();
  });

  it('that says nothing is given up after the idle time', async () => {
    server.behaviour.delayMs = 1500;
    const impatient = await open({ patience: { ...patience, idleMs: 200, attempts: 2 } });
    await expect(impatient.get('key', options)).rejects.toMatchObject({ code: 'STORE_UNREACHABLE', message: expect.stringContaining('TimeoutError') });
    await impatient.close();
  });

  it('is waited for no longer than the caller wants', async () => {
    server.behaviour.delayMs = 5000;
    const reason = new Error('enough');
    const begin = performance.now();
    const controller = new AbortController();
    setTimeout(() => { controller.abort(reason); }, 100);
    await expect(store.put('key', content, { signal: controller.signal })).rejects.toBe(reason);
    expect(performance.now() - begin).toBeLessThan(2000);
  });

  it('whose clock differs by a day from ours takes our requests, and tells its time', async () => {
    server.behaviour.clockOffsetMs = -24 * 60 * 60 * 1000;
    await store.put('key', content, options);
    expect((await store.get('key', options)).equals(content)).toBe(true);
  });
});

describe('An S3 server that does not keep what it acknowledged', () => {
  it('is found out when it stored other bytes', async () => {
    server.behaviour.damagesPuts = true;
    const failure = { code: 'STORE_LOST_WRITE', category: 'integrity', message: expect.stringContaining('other content') };
    await expect(store.put('key', content, options)).rejects.toMatchObject(failure);
    await expect(store.putIfAbsent('head', content, options)).rejects.toMatchObject(failure);
  });

  it('costs a backup, and none after it', async () => {
    const repository = await newRepository(store, newKeys());
    server.behaviour.damagesPuts = true;
    expect(await codeFrom(backUp(repository, ['one two', 'three']))).toBe('STORE_LOST_WRITE');
    expect(await listed(store, 'parts/')).not.toEqual([]);
    server.behaviour.damagesPuts = false;
    const head = await backUp(repository, ['one two', 'three']);
    expect(head.sizes.newParts).toBe(3);
    expect(await readBack(repository, head)).toEqual(['one two', 'three']);
  });

  it('is found out when it stored nothing and gives no hash of what it got', async () => {
    Object.assign(server.behaviour, { losesPuts: true, foreignEtags: true });
    await expect(store.put('key', content, options)).resolves.toBeUndefined();
    expect(await listed(store, '')).toEqual([]);
    await expect(store.putIfAbsent('head', content, options)).rejects.toMatchObject({ code: 'STORE_LOST_WRITE', message: expect.stringContaining('missing') });
  });

  it('is not accused when its ETags are no hashes but its content is right', async () => {
    server.behaviour.foreignEtags = true;
    await store.put('key', content, options);
    expect((await store.get('key', options)).equals(content)).toBe(true);
  });
});

describe('An S3 server with a certificate of its own', () => {
  let folder: string;
  let secure: S3Server;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdfast-tls-'));
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key, '-out', cert, '-days', '2', '-subj', '/CN=test', '-addext', 'subjectAltName=IP:127.0.0.1'], { stdio: 'pipe' });
    secure = await startS3Server({ tls: { key: await readFile(key, 'utf8'), cert: await readFile(cert, 'utf8') } });
  });
  afterAll(async () => {
    await secure.stop();
    await rm(folder, { recursive: true });
  });

  it('is trusted with its certificate file, and refused at once without', async () => {
    const trusting = await open({ endpoint: secure.endpoint, caFile: join(folder, 'cert.pem') });
    await trusting.put('key', content, options);
    expect((await trusting.get('key', options)).equals(content)).toBe(true);
    await trusting.close();
    const wary = await open({ endpoint: secure.endpoint });
    await expect(wary.put('key', content, options)).rejects.toMatchObject({ code: 'STORE_UNREACHABLE', message: expect.stringContaining('DEPTH_ZERO_SELF_SIGNED_CERT'), hint: expect.stringContaining('certificate') });
    await wary.close();
  });
});

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error('nothing failed');
}
