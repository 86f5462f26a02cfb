import { runService } from '../../operations/lifecycle/run-service.ts';
import { createLogger, linesOfATurn } from '../../operations/logging.ts';
import { requireSafe } from '../../operations/security/self-check/run-self-check.ts';
import { hasActiveAdmin } from '../../catalog/accounts.ts';
import { compose, type Service } from '../compose.ts';
import { judgedSettingsOf, readServiceConfiguration } from '../configuration.ts';
import { parseWords } from '../words.ts';
import type { Command } from './command.ts';

export const serveCommand: Command = {
  name: 'serve',
  usage: 'serve [--development]',
  summary: { en: 'run the service (the default)', zh: '运行服务（默认）' },
  async run(words, { environment, folder, signals, stderr, tracking, version }) {
    const { values } = parseWords(words, { development: { type: 'boolean' } });
    const set = values.development === true ? { ...environment, HOLDFAST_MODE: 'development' } : environment;
    const configuration = readServiceConfiguration(set, { folder });
    requireSafe(judgedSettingsOf(configuration));
    const log = createLogger({ level: configuration.variables.HOLDFAST_LOG_LEVEL, name: 'holdfast' }, linesOfATurn());
    const service = await compose(configuration, { log, tracking, version });
    const announce = {
      name: 'announcement',
      start: async (signal: AbortSignal) => void stderr.write(await announcement(service, configuration.host, signal)),
    };
    return runService({
      parts: configuration.hardening.mode === 'development' ? [...service.parts, announce] : service.parts,
      lifecycle: service.lifecycle,
      log,
      signals,
      drainMs: configuration.drainMs,
      deadlineMs: configuration.deadlineMs,
    });
  },
};

/** Where to look, for a person at a terminal. */
async function announcement({ catalog, server, management }: Service, host: string, signal: AbortSignal): Promise<string> {
  const lines = [
    `Holdfast is up: http://${host}:${server.port()}/ (health: /core/health/)`,
    `Management port: http://${host}:${management.port()}/ (probes, metrics)`,
    ...((await hasActiveAdmin({ catalog }, { signal })) ? [] : ['No administrator yet: npx holdfast-service create-admin <name>']),
  ];
  return `${lines.join('\n')}\n`;
}
