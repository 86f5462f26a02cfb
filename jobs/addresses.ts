import { defineErrorFamily } from '../src/operations/errors.ts';
import type { EngineKind } from '../src/repository/manifest/manifest.ts';
import type { Engine } from './engines/engine.ts';

export const addressErrors = defineErrorFamily({
  SETTING_MISSING: {
    category: 'usage',
    status: 500,
    retryable: false,
    message: { en: 'This command needs {option}', zh: '此命令需要 {option}' },
    hint: { en: 'Give {option} or set {variable}.', zh: '请给出 {option} 或设置 {variable}。' },
  },
  ADDRESS_SCHEME_UNKNOWN: {
    category: 'usage',
    status: 500,
    retryable: false,
    message: { en: 'No engine reads an address of the scheme "{scheme}"', zh: '没有引擎能读取 "{scheme}" 形式的地址' },
    hint: { en: 'Use postgres://user@host:5432/database or sqlite:///absolute/path.', zh: '请使用 postgres://user@host:5432/database 或 sqlite:///绝对路径。' },
  },
});

const schemes: Readonly<Record<string, EngineKind>> = { 'postgres:': 'postgres', 'postgresql:': 'postgres', 'sqlite:': 'sqlite' };

/** The engine of a database's address, by its scheme. Throws ADDRESS_SCHEME_UNKNOWN, which does not show the address. */
export function engineOf(engines: Readonly<Record<EngineKind, Engine>>, address: string): Engine {
  const scheme = /^[a-z0-9+.-]*:/i.exec(address)?.[0].toLowerCase() ?? '';
  const kind = schemes[scheme];
  if (!kind) throw addressErrors.ADDRESS_SCHEME_UNKNOWN({ scheme });
  return engines[kind];
}
