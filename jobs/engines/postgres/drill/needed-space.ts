import type { BackupStreams } from '../write/backup-streams.ts';

const MiB = 1024 * 1024;

/** A new cluster, the WAL that its settings let it keep, and what sorting for indexes takes beside. */
const always = 256 * MiB;
/** A row's header, its item pointer, its place in two indexes. */
const perRow = 90;
/** Text against pages and what of it stands in indexes. */
const perByte = 2;

/**
 * Bytes that restoring the backup takes, as far as a manifest lets one say: it knows rows and bytes, but no indexes. Measured on
 * tables of numbers without and with a key, of text with three indexes, of wide text: 0.4 to 0.8 of this. An index over whole
 * documents (GIN) can take more: then the server runs out of space, and the drill could not run.
 */
export function neededSpace({ rows, bytes, definitions }: BackupStreams): number {
  // The definitions hold large objects, and lie in a file while they are restored.
  return Math.ceil(always + rows * perRow + bytes * perByte + definitions.bytes * 2.5);
}
