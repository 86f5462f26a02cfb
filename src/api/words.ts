import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { serviceErrors } from './service-errors.ts';

/** A command's options and `positionals` names. Throws COMMAND_INVALID. */
export function parseWords<const Options extends ParseArgsOptionsConfig>(words: readonly string[], options: Options, names: readonly string[] = []) {
  try {
    const parsed = parseArgs({ args: [...words], options, allowPositionals: names.length > 0, strict: true });
    if (parsed.positionals.length !== names.length) throw new TypeError(`${names.map((name) => `<${name}>`).join(' ')} expected`);
    return parsed;
  } catch (error) {
    throw serviceErrors.COMMAND_INVALID({ problem: (error as Error).message }, { cause: error });
  }
}
