import { z } from 'zod';
import { renderText } from '../../src/operations/text.ts';
import { readManifestBody } from '../../src/repository/manifest/manifest-body.ts';
import { formatBytes, formatTable } from '../format.ts';
import { canReadContents, findBackup, openRepositoryOf } from '../repository-access.ts';
import { backupArgument, defineCommand, repositorySettings } from './command.ts';

export const showCommand = defineCommand({
  name: 'show',
  summary: { en: 'show one backup', zh: '显示一个备份' },
  arguments: [backupArgument],
  options: [],
  settings: [...repositorySettings, 'HOLDFAST_SOURCE_NAME'],
  input: z.strictObject({ backup: z.string() }),
  async run(context, { backup }) {
    const repository = await openRepositoryOf(context);
    const { head, held, heldReason } = await findBackup(context, repository, backup);
    const { seal: _seal, body: _body, references: _references, warnings: texts, ...facts } = head;
    const warnings = texts.map((warning) => warning[context.language]);
    const streams = canReadContents(repository)
      ? (await readManifestBody(repository, head, { signal: context.signal })).streams.map(({ kind, details, rows, bytes, slices }) => ({ kind, name: nameOf(details), rows, bytes, parts: slices.length }))
      : undefined;
    const lines = [
      ...Object.entries({ ...facts, sizes: undefined }).flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]])),
      ...Object.entries(head.sizes).map(([key, value]) => [key, ['raw', 'stored', 'newStored'].includes(key) ? formatBytes(value) : String(value)]),
      ['held', held ? (heldReason ?? 'yes') : 'no'],
    ];
    const contents = streams
      ? formatTable(
          ['KIND', 'NAME', 'ROWS', 'SIZE', 'PARTS'],
          streams.map((stream) => [stream.kind, stream.name, String(stream.rows), formatBytes(stream.bytes), String(stream.parts)]),
        )
      : renderText({ en: 'Give --identity-file to see its contents.', zh: '给出 --identity-file 可查看其内容。' }, context.language);
    const text = [formatTable(['', ''], lines).trimStart(), ...warnings.map((warning) => `! ${warning}`), '', contents].join('\n');
    return { result: { ...facts, warnings, held, heldReason, streams }, text };
  },
});

/** Tables carry schema and name in their details, other streams nothing that names them. */
function nameOf(details: unknown): string {
  const named = z.object({ schema: z.string(), name: z.string() }).safeParse(details);
  return named.success ? JSON.stringify(`${named.data.schema}.${named.data.name}`).slice(1, -1) : '';
}
