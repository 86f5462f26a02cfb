import { randomUUID } from 'node:crypto';
import { get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Router } from '@koa/router';
import { Redis } from 'ioredis';
import Koa from 'koa';
import { Pool } from 'pg';
import { defineErrorFamily } from '../../../src/operations/errors.ts';
import { handleErrors, recordAppErrors } from '../../../src/operations/http/handle-errors.ts';
import { requestContext } from '../../../src/operations/http/request-context.ts';
import { routeRequests } from '../../../src/operations/http/route-requests.ts';
import type { ServiceState } from '../../../src/operations/http/service.ts';
import { createLogger } from '../../../src/operations/logging.ts';
import { startErrorTracking } from '../../../src/operations/sentry/start-error-tracking.ts';
import { plantedSecrets as secrets } from './planted-secrets.ts';

/**
 * A small Koa service with error tracking, run by the tests as a process of its own, with and without `--import`. It says on
 * which port it listens, and whether Sentry was imported, in one line of JSON.
 */
const errors = defineErrorFamily({
  SHELF_MISSING: { category: 'not_found', status: 404, retryable: false, message: { en: 'no shelf', zh: '没有货架' }, hint: { en: '', zh: '' } },
  SHELF_BUSY: { category: 'busy', status: 503, retryable: true, message: { en: 'busy', zh: '忙' }, hint: { en: '', zh: '' } },
  SHELF_DIFFERS: { category: 'integrity', status: 500, retryable: false, message: { en: 'differs', zh: '不同' }, hint: { en: '', zh: '' } },
});

const tracking = await startErrorTracking(process.env);
tracking.hide([secrets.configuredKey]);
const log = createLogger({ level: 'info', name: 'program' });
const redis = process.env['PROGRAM_REDIS_URL'] ? new Redis(process.env['PROGRAM_REDIS_URL']) : undefined;
const pool = process.env['PROGRAM_DATABASE_URL'] ? new Pool({ connectionString: process.env['PROGRAM_DATABASE_URL'] }) : undefined;

const router = new Router<ServiceState>();
router.get('/ok', (ctx) => { ctx.body = 'ok'; });
router.get('/missing', () => { throw errors.SHELF_MISSING({}); });
router.get('/busy', () => { throw errors.SHELF_BUSY({}); });
router.get('/differs', () => { throw errors.SHELF_DIFFERS({}); });
router.get('/teapot', (ctx) => ctx.throw(418, 'short and stout'));
router.get('/boom/:id', (ctx) => {
  ctx.state.log.info({ id: ctx.params['id'] }, `looking at ${ctx.params['id']}`);
  throw new Error('boom');
});
router.get('/twice', () => {
  const error = new Error('told twice');
  tracking.report(error);
  throw error;
});
router.get('/thrown-text', () => {
  // oxlint-disable-next-line typescript/only-throw-error -- what libraries do
  throw 'only a text';
});
router.get('/stream', (ctx) => {
  ctx.status = 200;
  ctx.flushHeaders();
  ctx.app.emit('error', new Error('after the headers'), ctx);
  ctx.app.emit('error', errors.SHELF_MISSING({}), ctx);
  ctx.res.end();
  ctx.respond = false;
});
router.get('/database', async (ctx) => {
  await tracking.span('price the basket', async () => {
    await pool?.query(`SELECT $1::text AS price, '${secrets.sqlLiteral}' AS literal`, [secrets.sqlParameter]);
  });
  await redis?.set('shop:cache:basket', secrets.redisValue);
  await redis?.get('shop:cache:basket');
  await redis?.get('session:1');
  await redis?.eval('return ARGV[1]', 1, 'session:2', secrets.redisScript);
  await new Promise<void>((resolve, reject) => {
    get(`${process.env['PROGRAM_OUTGOING_URL']}/signed?X-Amz-Signature=${secrets.outgoingQuery}`, (response) => response.resume().on('end', resolve)).on('error', reject);
  });
  ctx.body = 'priced';
});
router.post('/leak/:segment', async (ctx) => {
  const localVariable = `secret of a frame: ${secrets.localVariable}`;
  tracking.tag({ note: `password=${secrets.tagText}` });
  tracking.attach('vault', { secretKey: secrets.contextSecretKey, drawers: 3 });
  tracking.breadcrumb(`used token: ${secrets.breadcrumbMessage}`, { apiKey: secrets.breadcrumbApiKey });
  log.warn({ login: { user: 'ann', password: secrets.logPassword }, list: [{ inner: { sessionId: secrets.logDeep } }], err: new Error(`secret=${secrets.logErrorMessage}`) }, 'sign-in failed');
  await tracking.span(`copy from postgres://ann:${secrets.spanName}@db/shop`, () => Promise.resolve());
  const deep = new Error(`https://${secrets.deepCauseDsn}@sentry.example/1 is away; key ${secrets.configuredKey}`);
  const cause = new Error(`-----BEGIN PRIVATE KEY-----\n${secrets.causePem}\n-----END PRIVATE KEY-----; api_key='${secrets.causeKeyValue}'`, { cause: deep });
  const error = new Error(
    `password=${secrets.messagePassword}; postgres://ann:${secrets.messageUrlPassword}@db/shop; ${secrets.messageAgeIdentity}; Bearer ${secrets.messageBearer}; ` +
      `${secrets.messageJwt}; ${secrets.environmentVariable}; ${secrets.environmentUrl}`,
    { cause },
  );
  tracking.report(error, {
    errorId: randomUUID(),
    data: {
      form: { password: secrets.dataPassword, more: { accessToken: secrets.dataNestedToken } },
      lines: [{ 'set-cookie': secrets.dataArrayCookie }],
      where: `redis://:${secrets.dataTextInUrl}@cache:6379`,
      length: localVariable.length,
    },
  });
  ctx.body = { leaked: false };
});

const app = new Koa<ServiceState>();
recordAppErrors(app, { log, report: tracking.report });
for (const middleware of [...tracking.middleware, requestContext({ log }), handleErrors({ report: tracking.report })]) app.use(middleware);
app.use(async (ctx, next) => {
  ctx.state.principal = { id: 'u-7', name: 'Ann Example', role: 'operator', via: 'session' };
  await next();
});
app.use(routeRequests(router));

const server = app.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${JSON.stringify({ port: (server.address() as AddressInfo).port, on: tracking.on, sentryLoaded: '__SENTRY__' in globalThis })}\n`);
});
process.on('message', (message) => {
  void (async () => {
    if (message === 'tasks') await runTasks();
    if (message === 'reject') void Promise.reject(new Error('nobody waits'));
    if (message === 'throw') setTimeout(() => { throw new Error('nobody catches'); });
    if (message === 'stop') {
      await tracking.flush(5000);
      process.exit(0);
    }
  })();
});

async function runTasks(): Promise<void> {
  const monitor = { slug: 'nightly', schedule: '0 2 * * *', timezone: 'Asia/Shanghai', maxRuntimeMinutes: 30 };
  await tracking.checkIn(monitor, () => Promise.resolve('done'));
  await tracking.checkIn(monitor, () => Promise.resolve('half'), (result) => result === 'done');
  await tracking.checkIn(monitor, () => Promise.reject(new Error('not done'))).catch(() => undefined);
  await tracking.runTask({ queue: 'publisher', id: '1' }, () =>
    tracking.publishTask({ queue: 'mail', id: '2' }, async (trace) => {
      await tracking.runTask({ queue: 'mail', id: '2', trace, publishedAt: new Date() }, () => Promise.reject(new Error('mail server is upside down'))).catch(() => undefined);
    }),
  );
}
