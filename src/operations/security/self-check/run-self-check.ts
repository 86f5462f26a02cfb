import { configurationErrors } from '../../configuration.ts';
import { fillText, joinTexts, type Text } from '../../text.ts';
import type { DeployCheck, DeploySettings } from './deploy-check.ts';
import { deployChecks } from './deploy-checks.ts';
import type { SilencedCheck } from './silenced-checks.ts';

/** One thing that is not as it should be. */
export interface Finding {
  readonly id: DeployCheck['id'];
  readonly level: 'error' | 'warning';
  readonly message: Text;
  readonly hint: Text;
  /** The reason why it is accepted as it is. */
  readonly silenced?: string;
}

/**
 * Judges a service's settings as if it were to meet the internet, whatever its mode: what is not safe, errors first.
 * A silenced warning stays in the list with its reason.
 */
export function runSelfCheck(settings: DeploySettings, { silenced }: { readonly silenced: readonly SilencedCheck[] }): Finding[] {
  return deployChecks.flatMap((check) => {
    const values = check.find(settings);
    if (values === undefined) return [];
    const level = levelOf(check);
    const reason = level === 'warning' ? silenced.find(({ id }) => id === check.id)?.reason : undefined;
    const { id, message, hint } = check;
    return [{ id, level, message: fillText(message, values), hint: fillText(hint, values), ...(reason === undefined ? {} : { silenced: reason }) }];
  });
}

export function levelOf({ id }: Pick<DeployCheck, 'id'>): Finding['level'] {
  return id.startsWith('E') ? 'error' : 'warning';
}

/** Whether nothing is left to do: what is found is silenced. */
export function isSafe(findings: readonly Finding[]): boolean {
  return findings.every(({ silenced }) => silenced !== undefined);
}

/** Refuses to start a production service as it must never be: CONFIGURATION_INVALID with every error of the self-check. */
export function requireSafe(settings: DeploySettings): void {
  if (settings.hardening.mode !== 'production') return;
  const errors = runSelfCheck(settings, { silenced: [] }).filter(({ level }) => level === 'error');
  if (errors.length === 0) return;
  const problems = errors.map(({ id, message, hint }) => fillText({ en: '{id}: {message}. {hint}', zh: '{id}：{message}。{hint}' }, { id, message, hint }));
  throw configurationErrors.CONFIGURATION_INVALID({ problems: joinTexts(problems, ' ') });
}
