import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault, Outcome } from '../case.ts';
import { runCommand } from '../commands.ts';
import type { Dice } from '../dice.ts';
import { judge } from '../judge.ts';
import type { Lab } from '../lab.ts';
import { prepareMission } from '../missions.ts';
import { type Interference, s3Failure, type S3Answer, type S3Request } from '../s3-lab.ts';

/** Requests that an operation makes, about: the fault begins at one of them. */
const requests: Readonly<Record<string, number>> = { backup: 45, restore: 25, prune: 50, cleanup: 35, recall: 12, verify: 70, list: 14, drill: 30 };
/** Puts of objects, about: parts, body, references and head of a backup; heads; a report and its page. */
const puts: Readonly<Record<string, number>> = { backup: 6, cleanup: 3, recall: 1, drill: 2 };

const isRead = ({ method, url }: S3Request) => method === 'GET' && !isListing({ url });
const isListing = ({ url }: Pick<S3Request, 'url'>) => url.includes('list-type=2');

/** What a bucket does wrong. Each is made anew for a case, and begins at its moment: `from` counts the requests that it could happen to. */
const misdeeds: Record<string, (dice: Dice, operation: string) => Interference> = {
  'bucket-refuses': (dice, operation) => fromThe(dice.below(requests[operation] ?? 10), () => true, async () => s3Failure(403, 'AccessDenied')),
  'credentials-expire': (dice, operation) => fromThe(dice.below(requests[operation] ?? 10), () => true, async () => s3Failure(400, 'ExpiredToken')),
  'bucket-full': (dice, operation) => fromThe(dice.below(puts[operation] ?? 1), ({ method }) => method === 'PUT', async () => s3Failure(507, 'InsufficientStorage')),
  'bucket-slow': (dice) => {
    const delay = 10 + dice.below(60);
    return async ({ pass }) => {
      await sleep(dice.below(delay));
      return dice.below(12) === 0 ? s3Failure(503, 'SlowDown') : pass();
    };
  },
  'bucket-hiccups': (dice) => async ({ pass }) => {
    const what = dice.below(20);
    if (what === 0) return 'cut';
    const answer = await pass();
    return what === 1 ? 'cut' : answer;
  },
  'write-lost': (dice, operation) => theOne(dice.below(puts[operation] ?? 1), isPutOfObject, async ({ body }) => accepted(body)),
  'writes-lost': (dice, operation) => fromThe(dice.below(puts[operation] ?? 1), isPutOfObject, async ({ body }) => accepted(body)),
  // It stores other bytes than it got, and says so by their checksum.
  'write-damaged': (dice, operation) => theOne(dice.below(puts[operation] ?? 1), isPutOfObject, async ({ body, store }) => store(flipped(body, dice))),
  'listing-stale': () => staleListings(),
  'read-truncated': (dice, operation) => theOne(dice.below((requests[operation] ?? 10) / 2), isRead, async ({ pass }) => {
    const { headers, body, status } = await pass();
    const part = body.subarray(0, dice.below(body.length));
    return { status, body: part, headers: { ...headers, 'content-length': String(part.length) } };
  }),
  'read-flipped': (dice, operation) => theOne(dice.below((requests[operation] ?? 10) / 2), isRead, async ({ pass }) => {
    const { headers, body, status } = await pass();
    return { status, headers, body: flipped(body, dice) };
  }),
  'read-of-another': (dice, operation) => {
    let previous: S3Answer | undefined;
    const wrong = dice.below((requests[operation] ?? 10) / 2);
    let count = 0;
    return async (request) => {
      const answer = await request.pass();
      if (!isRead(request) || answer.status !== 200) return answer;
      const given = count === wrong ? (previous ?? answer) : answer;
      previous = answer;
      count += 1;
      return given;
    };
  },
};

/** The store's probe of its clock is no loss to anybody. */
function isPutOfObject({ method, url }: S3Request): boolean {
  return method === 'PUT' && !url.includes('/.holdfast/');
}

function accepted(body: Buffer): S3Answer {
  return { status: 200, headers: { etag: `"${createHash('md5').update(body).digest('hex')}"`, 'content-length': '0' }, body: Buffer.alloc(0) };
}

function flipped(body: Buffer, dice: Dice): Buffer {
  if (body.length === 0) return body;
  const changed = Buffer.from(body);
  const at = dice.below(body.length);
  changed.writeUInt8(changed.readUInt8(at) ^ (1 << dice.below(8)), at);
  return changed;
}

/** Every such request from the n-th on. */
function fromThe(first: number, concerns: (request: S3Request) => boolean, misdeed: Interference): Interference {
  let count = 0;
  return async (request) => {
    if (!concerns(request)) return request.pass();
    count += 1;
    return count > first ? misdeed(request) : request.pass();
  };
}

/** Only the n-th such request. */
function theOne(wrong: number, concerns: (request: S3Request) => boolean, misdeed: Interference): Interference {
  let count = 0;
  return async (request) => {
    if (!concerns(request)) return request.pass();
    count += 1;
    return count === Math.floor(wrong) + 1 ? misdeed(request) : request.pass();
  };
}

/** Listings tell of the bucket as it was when the operation began: without what it has put, with what it has deleted. */
function staleListings(): Interference {
  const first = new Map<string, S3Answer>();
  const changed = new Set<string>();
  return async (request) => {
    const { url, pass } = request;
    if (isPutOfObject(request) || request.method === 'DELETE') changed.add(url);
    if (!isListing(request)) return pass();
    const answer = first.get(url) ?? (await pass());
    if (changed.size === 0) first.set(url, answer);
    return answer;
  };
}

async function misbehave(lab: Lab, misdeed: string, operation: string, dice: Dice): Promise<Outcome> {
  const engine = dice.below(4) === 0 && operation !== 'drill' ? 'postgres' : 'sqlite';
  const placed = await lab.place({ store: 's3', encrypted: dice.below(2) === 0 });
  const mission = await prepareMission(operation, { lab, placed, engine, dice });
  try {
    lab.s3.interfere(misdeeds[misdeed]?.(dice, operation));
    const ran = await runCommand(mission.words, mission.variables);
    lab.s3.interfere(undefined);
    return await judge({ lab, placed, mission, ran });
  } finally {
    lab.s3.interfere(undefined);
    await mission.close();
    await placed.remove();
  }
}

const writing = ['backup', 'cleanup', 'recall', 'drill'];
const reading = ['restore', 'list', 'verify', 'drill'];
const operationsOf: Record<string, readonly string[]> = {
  'bucket-refuses': ['backup', 'restore', 'prune', 'cleanup', 'recall', 'verify'],
  'credentials-expire': ['backup', 'restore', 'prune', 'cleanup', 'recall', 'verify', 'drill'],
  'bucket-full': writing,
  'bucket-slow': ['backup', 'restore', 'prune', 'drill'],
  'bucket-hiccups': ['backup', 'restore', 'prune', 'cleanup', 'recall'],
  'write-lost': writing,
  'writes-lost': writing,
  'write-damaged': writing,
  'listing-stale': ['backup', 'prune', 'cleanup', 'recall'],
  'read-truncated': reading,
  'read-flipped': reading,
  'read-of-another': reading,
};

export const bucketFaults: readonly Fault[] = Object.keys(misdeeds).map((kind) => ({
  kind,
  operations: operationsOf[kind] ?? [],
  weight: 2,
  run: async (lab, operation, dice) => misbehave(lab, kind, operation, dice),
}));
