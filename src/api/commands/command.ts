import type { Readable, Writable } from 'node:stream';
import type { Environment } from '../../operations/configuration.ts';
import type { ErrorTracking } from '../../operations/sentry/error-tracking.ts';
import type { listenForShutdown } from '../../operations/shutdown.ts';
import type { Language, Text } from '../../operations/text.ts';

/** What a command gets of its process. */
export interface CommandContext {
  readonly environment: Environment;
  readonly language: Language;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly signals: Parameters<typeof listenForShutdown>[0];
  /** Where `.holdfast` lies when nothing else is said. */
  readonly folder: string;
  readonly version: string;
  readonly tracking: ErrorTracking;
}

export interface Command {
  readonly name: string;
  /** How it is called: `create-admin <name>`. */
  readonly usage: string;
  readonly summary: Text;
  /** Gives the exit code. Throws HoldfastErrors. */
  run(words: readonly string[], context: CommandContext): Promise<number>;
}
