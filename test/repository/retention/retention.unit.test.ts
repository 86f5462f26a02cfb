import { describe, expect, it } from '@jest/globals';
import { type Arbitrary, array, assert, boolean, constantFrom, date, integer, property, record } from 'fast-check';
import type { HoldfastError } from '../../../src/operations/errors.ts';
import { languages } from '../../../src/operations/text.ts';
import { planCleanup, requireConfirmation } from '../../../src/repository/retention/cleanup-plan.ts';
import { decideRetention, type RetainedBackup, RetentionPolicy, type RetentionReason } from '../../../src/repository/retention/retention.ts';
import { describeReason } from '../../../src/repository/retention/retention-reasons.ts';
import { goldenCases } from './retention-golden.ts';

const hour = 60 * 60 * 1000;
const day = 24 * hour;
const now = new Date('2026-06-15T12:00:00Z');

function backupOf(text: string): RetainedBackup {
  const [time = '', ...facts] = text.split(' ');
  const has = (fact: string) => facts.includes(fact);
  return { source: 'shop', id: time, at: new Date(time), state: has('damaged') ? 'damaged' : 'ok', held: has('held'), proven: has('proven'), disproven: has('disproven'), suspicious: has('suspicious') };
}

function shortly(reason: RetentionReason): string {
  return [reason.code, ...('position' in reason ? [reason.position] : []), ...('bucket' in reason ? [reason.bucket] : [])].join(' ');
}

/** Backups of two sources around `now`, few of them in the future, several of one hour or day. */
const backups = array(
  record({
    source: constantFrom('shop', 'books'),
    hoursAgo: integer({ min: -50, max: 400 * 24 }),
    state: constantFrom('ok' as const, 'ok' as const, 'ok' as const, 'damaged' as const),
    held: constantFrom(false, false, false, false, true),
    suspicious: constantFrom(false, false, false, true),
    verdict: constantFrom('none' as const, 'none' as const, 'proven' as const, 'disproven' as const),
  }),
  { maxLength: 40 },
).map((all) =>
  all.map(({ hoursAgo, verdict, ...backup }, index): RetainedBackup => ({ ...backup, proven: verdict === 'proven', disproven: verdict === 'disproven', id: `id-${index}`, at: new Date(now.getTime() - hoursAgo * hour + index * 1000) })),
);
const keepCount = integer({ min: 1, max: 10 });
const calendarPolicy = record(
  { keepLast: keepCount, keepHourly: keepCount, keepDaily: keepCount, keepWeekly: keepCount, keepMonthly: keepCount, keepYearly: keepCount, keepWithin: integer({ min: 0, max: 90 * day }) },
  { requiredKeys: [] },
) as Arbitrary<RetentionPolicy>;
const policy = record({ calendar: calendarPolicy, olderThan: integer({ min: 0, max: 400 * day }), byAge: boolean() }).map(
  ({ calendar, olderThan, byAge }): RetentionPolicy => (byAge ? { ...calendar, olderThan } : calendar),
);
const kept = (of: readonly RetainedBackup[], by: RetentionPolicy, when = now) => decideRetention(of, by, when).filter(({ keep }) => keep).map(({ backup }) => backup);
const ids = (of: readonly RetainedBackup[]) => of.map(({ id }) => id).toSorted();
const newest = (of: readonly RetainedBackup[]) => of.toSorted((one, other) => other.at.getTime() - one.at.getTime())[0];
const counts = (backup: RetainedBackup) => backup.state === 'ok' && backup.at <= now;
const isGood = (backup: RetainedBackup) => counts(backup) && !backup.suspicious && !backup.disproven;
const daily = (count: number, source = 'shop') =>
  Array.from({ length: count }, (_, index): RetainedBackup => ({ ...backupOf(new Date(now.getTime() - (index + 1) * day).toISOString()), source }));

function thrownBy(call: () => void): HoldfastError {
  try {
    call();
  } catch (error) {
    return error as HoldfastError;
  }
  throw new Error('nothing was thrown');
}

describe('retention by hand-written tables', () => {
  it.each(goldenCases)('$name', ({ now: when, policy: rules, decisions }) => {
    const given = decisions.map(([backup]) => backupOf(backup));
    const decided = decideRetention(given.toReversed(), RetentionPolicy.parse(rules), new Date(when));
    expect(decided.map(({ backup, keep, reasons }) => [backup.id, keep, ...reasons.map(shortly)])).toEqual(
      decisions.map(([backup, ...reasons]) => [backupOf(backup).id, reasons.length > 0, ...(reasons.length > 0 ? reasons : ['no-rule'])]),
    );
  });

  it('decides for each source by itself', () => {
    const both = [backupOf('2026-03-08T02:00:00Z'), backupOf('2026-03-09T02:00:00Z'), { ...backupOf('2026-01-01T02:00:00Z'), source: 'books' }];
    expect(ids(kept(both, { keepLast: 1 }))).toEqual(['2026-01-01T02:00:00Z', '2026-03-09T02:00:00Z']);
  });

  it('takes no count of 0 and no fraction: they are mistakes', () => {
    for (const wrong of [{ keepLast: 0 }, { keepDaily: -1 }, { keepWeekly: 1.5 }, { keepEver: 1 }, { olderThan: -1 }]) {
      expect(RetentionPolicy.safeParse(wrong).success).toBe(false);
    }
  });
});

describe('retention, whatever the backups and the policy', () => {
  it('keeps the newest and the newest proven of each source', () => {
    assert(
      property(backups, policy, (all, rules) => {
        const stays = new Set(ids(kept(all, rules)));
        for (const source of ['shop', 'books']) {
          const counted = all.filter((backup) => backup.source === source && backup.state === 'ok' && backup.at <= now);
          const needed = [newest(counted), newest(counted.filter(({ proven }) => proven))].flatMap((backup) => (backup ? [backup.id] : []));
          expect(needed.filter((id) => !stays.has(id))).toEqual([]);
        }
      }),
    );
  });

  it('decides the same whether damaged and future-dated backups are there or not, and removes none of them', () => {
    assert(
      property(backups, policy, (all, rules) => {
        const stays = kept(all, rules);
        expect(ids(stays.filter(counts))).toEqual(ids(kept(all.filter(counts), rules)));
        expect(ids(stays.filter((backup) => !counts(backup)))).toEqual(ids(all.filter((backup) => !counts(backup))));
      }),
    );
  });

  it('forgets no backup on account of drills that failed', () => {
    assert(
      property(backups, policy, (all, rules) => {
        const stays = new Set(ids(kept(all, rules)));
        const undrilled = all.map((backup) => ({ ...backup, disproven: false }));
        expect(ids(kept(undrilled, rules)).filter((id) => !stays.has(id))).toEqual([]);
      }),
    );
  });

  it('keeps what a failed drill speaks against beside what is suspicious', () => {
    const [suspicious, disproven] = ['2026-06-15T12:00:00Z', '2026-06-15T11:00:01Z'].map((at, index) => ({ source: 'shop', id: `id-${index}`, at: new Date(at), state: 'ok' as const, held: false, proven: false, suspicious: index === 0, disproven: index === 1 }));
    if (suspicious === undefined || disproven === undefined) throw new Error('two were made');
    expect(ids(kept([suspicious, disproven], { keepWeekly: 1 }))).toEqual(['id-0', 'id-1']);
  });

  it('decides about good backups as if suspicious ones and those whose drill failed were not there', () => {
    assert(
      property(backups, policy, (all, rules) => {
        // What is not needed for proof: of the proven ones the newest of all stays besides.
        const unproven = all.map((backup) => ({ ...backup, proven: false }));
        expect(ids(kept(unproven, rules).filter(isGood))).toEqual(ids(kept(unproven.filter(isGood), rules)));
      }),
    );
  });

  it('keeps what is held', () => {
    assert(
      property(backups, policy, (all, rules) => {
        const stays = new Set(ids(kept(all, rules)));
        expect(all.filter(({ id, held }) => held && !stays.has(id))).toEqual([]);
      }),
    );
  });

  it('forgets nothing more when it is applied twice, and the same in whatever order the backups come', () => {
    assert(
      property(backups, policy, (all, rules) => {
        const once = kept(all, rules);
        expect(ids(kept(once, rules))).toEqual(ids(once));
        expect(ids(kept(all.toReversed(), rules))).toEqual(ids(once));
      }),
    );
  });

  it('keeps more, never less, when a number of the policy grows', () => {
    const rule = constantFrom('keepLast', 'keepHourly', 'keepDaily', 'keepWeekly', 'keepMonthly', 'keepYearly', 'keepWithin', 'olderThan');
    assert(
      property(backups, policy, rule, (all, rules, name) => {
        const stays = new Set(ids(kept(all, { ...rules, [name]: (rules[name] ?? 1) + 1 })));
        expect(ids(kept(all, { ...rules, [name]: rules[name] ?? 1 })).filter((id) => !stays.has(id))).toEqual([]);
      }),
    );
  });

  it('forgets nothing more under a clock that is slow, and without rules by age nothing else under one that is fast', () => {
    assert(
      property(backups, calendarPolicy, integer({ min: 0, max: 2 * day }), (all, rules, error) => {
        const stays = kept(all, rules);
        const slow = new Set(ids(kept(all, rules, new Date(now.getTime() - error))));
        expect(ids(stays).filter((id) => !slow.has(id))).toEqual([]);
        const past = all.filter(({ at }) => at <= now);
        expect(ids(kept(past, rules, new Date(now.getTime() + error)))).toEqual(ids(kept(past, rules)));
      }),
    );
  });

  it('keeps all without a rule', () => {
    assert(
      property(backups, date({ noInvalidDate: true }), (all, when) => {
        expect(kept(all, {}, when)).toHaveLength(all.length);
      }),
    );
  });

  it('says of each backup once what happens to it, and why, in every language', () => {
    assert(
      property(backups, policy, (all, rules) => {
        const decisions = decideRetention(all, rules, now);
        expect(ids(decisions.map(({ backup }) => backup))).toEqual(ids(all));
        const texts = decisions.flatMap(({ reasons }) => languages.map((language) => reasons.map((reason) => describeReason(reason, language)).join()));
        expect(texts.filter((text) => text === '' || text.includes('{'))).toEqual([]);
      }),
    );
  });
});

describe('a cleanup', () => {
  it('forgets exactly what retention says', () => {
    assert(
      property(backups, policy, (all, rules) => {
        const plan = planCleanup(all, rules, { now });
        expect(ids(plan.forget)).toEqual(ids(all.filter((backup) => !kept(all, rules).includes(backup))));
      }),
    );
  });

  it('is refused when more than half of a source would go at once, unless it is confirmed', () => {
    const plan = planCleanup([...daily(9), ...daily(30, 'books')], { keepLast: 16 }, { now });
    expect(plan.unusual).toEqual([]);
    requireConfirmation(plan, false);
    const wrong = planCleanup([...daily(9), ...daily(30, 'books')], { keepLast: 4 }, { now });
    expect(wrong.unusual).toEqual([
      { source: 'books', of: 'all', forgotten: 26, total: 30 },
      { source: 'shop', of: 'all', forgotten: 5, total: 9 },
      { source: undefined, of: 'all', forgotten: 31, total: 39 },
    ]);
    expect(() => requireConfirmation(wrong, false)).toThrow(/forget 26 of the 30 backups of books/);
    requireConfirmation(wrong, true);
  });

  it('needs no confirmation for three, nor for exactly half', () => {
    expect(planCleanup(daily(4), { keepLast: 1 }, { now }).unusual).toEqual([]);
    expect(planCleanup(daily(5), { keepLast: 1 }, { now }).unusual).toHaveLength(1);
    expect(planCleanup(daily(8), { keepLast: 4 }, { now }).unusual).toEqual([]);
    expect(planCleanup(daily(8), { keepLast: 4 }, { now, maxShare: 0.4 }).unusual).toHaveLength(1);
  });

  it('is refused under a clock that is years ahead', () => {
    expect(planCleanup(daily(30), { olderThan: 60 * day }, { now: new Date('2030-01-01T00:00:00Z') }).unusual).toEqual([{ source: 'shop', of: 'all', forgotten: 29, total: 30 }]);
  });

  it.each(['suspicious', 'disproven', 'damaged'])('is refused when more than half of the good ones would go, however many are %s', (fact) => {
    const good = Array.from({ length: 14 }, (_, index) => backupOf(new Date(now.getTime() - (40 - index) * day).toISOString()));
    const others = daily(20).map(({ id }) => backupOf(`${id} ${fact}`));
    const plan = planCleanup([...good, ...others], { keepLast: 1, keepWithin: 30 * day }, { now });
    expect(plan.unusual).toEqual([]);
    const wrong = planCleanup([...good, ...others], { keepLast: 1, olderThan: 25 * day }, { now });
    expect(ids(wrong.forget)).toEqual(ids(good.slice(0, 13)));
    expect(wrong.unusual).toEqual([{ source: 'shop', of: 'good', forgotten: 13, total: 14 }]);
    expect(() => requireConfirmation(wrong, false)).toThrow(/forget 13 of the 14 good backups of shop/);
  });

  it('is refused when more than half of all would go, though of each source only a few', () => {
    const sources = Array.from({ length: 50 }, (_, index) => `source-${index}`);
    const three = sources.flatMap((source) => daily(3, source));
    const wrong = planCleanup(three, { keepLast: 1 }, { now });
    expect(wrong.unusual).toEqual([{ source: undefined, of: 'all', forgotten: 100, total: 150 }]);
    expect(() => requireConfirmation(wrong, false)).toThrow(/forget 100 of the 150 backups of all sources/);
    const doubted = sources.flatMap((source) => daily(3, source).map(({ id }) => ({ ...backupOf(`${id} suspicious`), id: `${id} s`, source })));
    const good = three.map((backup) => ({ ...backup, at: new Date(backup.at.getTime() - 10 * day) }));
    expect(planCleanup([...good, ...doubted], { keepLast: 1, olderThan: 5 * day }, { now }).unusual).toEqual([{ source: undefined, of: 'good', forgotten: 100, total: 150 }]);
    expect(planCleanup(three, { keepLast: 2 }, { now }).unusual).toEqual([]);
  });

  it('says in every language what would go', () => {
    for (const plan of [planCleanup(daily(9), { keepLast: 1 }, { now }), planCleanup([...daily(3), ...daily(3, 'books')], { keepLast: 1 }, { now })]) {
      const error = thrownBy(() => requireConfirmation(plan, false));
      for (const language of languages) expect(error.describe(language).message).toMatch(/^[^{}]+$/);
    }
  });
});
