import { fillText, type Text } from '../../operations/text.ts';
import type { Summarized } from './summaries.ts';

/** Something about a schedule that somebody should look at. */
export interface Concern {
  /** For programs. */
  readonly reason: 'not-ready' | 'suspended' | 'never-succeeded' | 'failing' | 'overdue' | 'missed' | 'drill-failed' | 'unproven' | 'controller-silent';
  readonly text: Text;
}

/** The controller writes down the next due time as soon as one has passed: past it for so long, nobody does. */
const silentMs = 10 * 60_000;

/** What is not as it should be, of what the schedule's status tells. None: its backups are made and proven. */
export function concernsOf({ spec, status = {} }: Summarized<'BackupSchedule'>, now: Date): Concern[] {
  const { consecutiveFailures: failures = 0, missedRuns: missed = 0, lastDrillResult: result = 'Passed', lastSuccessTime, lastProvenTime, nextDueTime } = status;
  const conditionOf = (type: string) => status.conditions?.find((condition) => condition.type === type);
  const ready = conditionOf('Ready');
  const isSilent = spec.suspend !== true && nextDueTime !== undefined && now.getTime() - Date.parse(nextDueTime) > silentMs;
  const concerns: readonly (Concern & { readonly holds: boolean })[] = [
    { holds: ready?.status === 'False', reason: 'not-ready', text: fillText({ en: 'not ready ({reason})', zh: '未就绪（{reason}）' }, { reason: ready?.reason ?? '' }) },
    { holds: spec.suspend === true, reason: 'suspended', text: { en: 'suspended', zh: '已暂停' } },
    { holds: lastSuccessTime === undefined, reason: 'never-succeeded', text: { en: 'no backup yet', zh: '尚无备份' } },
    { holds: failures > 0, reason: 'failing', text: fillText({ en: '{failures} failed in a row', zh: '连续失败 {failures} 次' }, { failures }) },
    { holds: conditionOf('Overdue')?.status === 'True', reason: 'overdue', text: { en: 'overdue', zh: '已逾期' } },
    { holds: missed > 0, reason: 'missed', text: fillText({ en: '{missed} missed', zh: '错过 {missed} 次' }, { missed }) },
    { holds: result !== 'Passed', reason: 'drill-failed', text: fillText({ en: 'last drill: {result}', zh: '最近演练：{result}' }, { result }) },
    { holds: lastSuccessTime !== undefined && lastProvenTime === undefined, reason: 'unproven', text: { en: 'never proven', zh: '从未验证' } },
    { holds: isSilent, reason: 'controller-silent', text: { en: 'the controller is silent', zh: '控制器无响应' } },
  ];
  return concerns.flatMap(({ holds, ...concern }) => (holds ? [concern] : []));
}
