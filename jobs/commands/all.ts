import { acceptCommand } from './accept.ts';
import { backupCommand } from './backup.ts';
import { cleanupCommand } from './cleanup.ts';
import type { Command } from './command.ts';
import { drillCommand } from './drill.ts';
import { exportCommand } from './export.ts';
import { forgetCommand } from './forget.ts';
import { holdCommand, releaseCommand } from './hold.ts';
import { initCommand } from './init.ts';
import { keygenCommand } from './keygen.ts';
import { listCommand } from './list.ts';
import { preflightCommand } from './preflight.ts';
import { pruneCommand } from './prune.ts';
import { recallCommand } from './recall.ts';
import { restoreCommand } from './restore.ts';
import { showCommand } from './show.ts';
import { verifyCommand } from './verify.ts';

/** In the order of `holdfast --help`: as a person meets them. */
export const commands: readonly Command[] = [
  keygenCommand,
  initCommand,
  preflightCommand,
  backupCommand,
  listCommand,
  showCommand,
  drillCommand,
  restoreCommand,
  exportCommand,
  verifyCommand,
  cleanupCommand,
  forgetCommand,
  recallCommand,
  pruneCommand,
  holdCommand,
  releaseCommand,
  acceptCommand,
];
