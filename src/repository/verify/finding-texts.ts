import { defineErrorFamily } from '../../operations/errors.ts';
import { type Language, renderText, type Text } from '../../operations/text.ts';
import type { Finding, Problem } from './finding.ts';

export const verifyErrors = defineErrorFamily({
  REPOSITORY_NOT_WHOLE: {
    category: 'integrity',
    status: 500,
    retryable: false,
    message: { en: '{found} objects in {store} are not as they were stored; they touch {backups} backups', zh: '{store} 中有 {found} 个对象与存入时不一致，涉及 {backups} 个备份' },
    hint: {
      en: 'What to do about each kind of finding is said above, and in docs/verify.md. Do not rely on the backups named until then.',
      zh: '每类问题的处理办法见上文及 docs/verify.md。在处理之前请勿依赖所列备份。',
    },
  },
});

const problems = {
  missing: { en: 'missing', zh: '缺失' },
  'wrong-size': { en: 'of another size than stated', zh: '大小与记录不符' },
  damaged: { en: 'damaged', zh: '已损坏' },
  inconsistent: { en: 'at odds with the body', zh: '与主体不一致' },
  unauthentic: { en: 'changed or forged', zh: '被改动或伪造' },
  foreign: { en: 'of another repository', zh: '属于其他仓库' },
  misplaced: { en: 'of another backup', zh: '属于其他备份' },
} as const satisfies Record<Problem, Text>;

/** What to do, by what was found. */
const advice = {
  head: {
    en: 'Heads: put back a copy or an older version of the object. If there is none, the backup is lost: `holdfast prune --give-up <id>`, and back up again.',
    zh: '头文件：请放回副本或对象的旧版本。若没有，该备份已丢失：执行 `holdfast prune --give-up <id>` 并重新备份。',
  },
  body: {
    en: 'Bodies: put back a copy or an older version of the object. If there is none, the backup cannot be restored: back up again, then forget it.',
    zh: '主体文件：请放回副本或对象的旧版本。若没有，该备份无法恢复：请重新备份，然后将其遗忘。',
  },
  references: {
    en: 'References: the backup can be restored, but prune stops at it. Put back a copy, or give the backup up when a newer one is sound: `holdfast prune --give-up <id>`.',
    zh: '引用文件：该备份仍可恢复，但 prune 会因此停止。请放回副本；或在有更新的完好备份后放弃它：`holdfast prune --give-up <id>`。',
  },
  'part-marked': {
    en: 'Marked parts: back up their sources again. A part whose content is still in the database is stored anew, and every backup that lists it is whole again.',
    zh: '已标记的部件：请重新备份其来源。内容仍在数据库中的部件会重新存储，所有引用它的备份随之恢复完好。',
  },
  'part-damaged': {
    en: 'Damaged parts: put back a copy; or mark them with `holdfast verify --read-data --repair` and back up their sources again: unmarked, they would be reused.',
    zh: '损坏的部件：请放回副本；或用 `holdfast verify --read-data --repair` 标记后重新备份其来源：未标记的部件会被继续复用。',
  },
  'part-missing': {
    en: 'Missing parts: put back a copy, or back up their sources again: what is still in the database is stored anew, and every backup that lists it is whole again.',
    zh: '缺失的部件：请放回副本，或重新备份其来源：仍在数据库中的内容会重新存储，所有引用它的备份随之恢复完好。',
  },
  'part-wrong-size': {
    en: 'Parts of another size: cut off, or stored anew with another compression level. Give --identity-file to find out. The next backup of their sources stores them anew.',
    zh: '大小不符的部件：被截断，或以其他压缩级别重新存储过。请给出 --identity-file 以查明。其来源的下一次备份会重新存储它们。',
  },
  hold: {
    en: 'Holds: the backup stays held. `holdfast hold` again writes a good one; `holdfast release` ends it.',
    zh: '保留锁定：该备份仍被保留。再次执行 `holdfast hold` 可重新写入；`holdfast release` 可解除。',
  },
  acceptance: {
    en: 'Acceptances: the backup counts as suspicious. `holdfast accept` again writes a good one.',
    zh: '确认记录：该备份按可疑处理。再次执行 `holdfast accept` 可重新写入。',
  },
  drill: {
    en: 'Reports of drills: they prove nothing any more. Drill the backup again.',
    zh: '演练报告：已不能证明任何事。请重新演练该备份。',
  },
} as const satisfies Record<string, Text>;

/** What is wrong with the object: `damaged: its zstd frame …`. The particulars are English. */
export function describeProblem({ problem, reason }: Finding, language: Language): string {
  const text = renderText(problems[problem], language);
  return reason === undefined ? text : `${text}: ${reason}`;
}

/** What to do about these findings, each advice once. */
export function adviseOn(findings: readonly Finding[], language: Language): string[] {
  return [...new Set(findings.map(adviceFor))].map((name) => renderText(advice[name], language));
}

function adviceFor({ kind, problem, marked }: Finding): keyof typeof advice {
  if (kind !== 'part') return kind;
  if (marked) return 'part-marked';
  return problem === 'missing' || problem === 'wrong-size' ? `part-${problem}` : 'part-damaged';
}
