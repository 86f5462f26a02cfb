import { findingsJson, findingsText } from '../../operations/security/self-check/render-findings.ts';
import { isSafe, runSelfCheck } from '../../operations/security/self-check/run-self-check.ts';
import { judgedSettingsOf, readServiceConfiguration } from '../configuration.ts';
import { parseWords } from '../words.ts';
import type { Command } from './command.ts';

export const checkCommand: Command = {
  name: 'check',
  usage: 'check [--deploy] [--json]',
  summary: { en: 'read the configuration; --deploy: say what in it is not safe on the internet', zh: '检查配置；--deploy：列出不安全之处' },
  async run(words, { environment, folder, language, stdout }) {
    const { values } = parseWords(words, { deploy: { type: 'boolean' }, json: { type: 'boolean' } });
    const configuration = readServiceConfiguration(environment, { folder });
    const findings = values.deploy === true ? runSelfCheck(judgedSettingsOf(configuration), { silenced: configuration.variables.HOLDFAST_SILENCED_CHECKS }) : [];
    stdout.write(values.json === true ? `${JSON.stringify(findingsJson(findings, language))}\n` : findingsText(findings, language));
    return isSafe(findings) ? 0 : 2;
  },
};
