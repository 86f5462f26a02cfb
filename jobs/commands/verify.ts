import { z } from 'zod';
import { formatBytes, formatTable } from '../../src/operations/format.ts';
import { type Language, renderText } from '../../src/operations/text.ts';
import { listBackups } from '../../src/repository/backups/backups.ts';
import { resolveBackup } from '../../src/repository/backups/resolve-backup.ts';
import type { BackupName } from '../../src/repository/manifest/object-keys.ts';
import type { Repository } from '../../src/repository/repository.ts';
import type { Finding } from '../../src/repository/verify/finding.ts';
import { adviseOn, describeProblem, verifyErrors } from '../../src/repository/verify/finding-texts.ts';
import { everyPart, parseShare } from '../../src/repository/verify/part-share.ts';
import { type Verification, verifyRepository } from '../../src/repository/verify/verify-repository.ts';
import { openRepositoryOf } from '../repository-access.ts';
import { backupArgument, type CommandContext, defineCommand, repositorySettings } from './command.ts';

/** A person reads this many; `--json` has all that were kept. */
const findingsShown = 50;
/** Backups named beside a finding. */
const backupsShown = 3;

/** Without a value the option is true: everything. */
const share = z.union([z.literal(true), z.string()]).transform((given, context) => {
  const parsed = given === true ? everyPart : parseShare(given);
  if (parsed === undefined) context.addIssue({ code: 'custom', message: 'use n/m, such as 3/7: the third of seven shares' });
  return parsed ?? z.NEVER;
});

export const verifyCommand = defineCommand({
  name: 'verify',
  summary: { en: 'check that backups are as they were stored', zh: '检查备份是否与存入时一致' },
  arguments: [{ ...backupArgument, notation: '[backup]' }],
  options: [
    { flags: '--read-data [n/m]', description: { en: 'also read all parts, or the n-th of m shares of them: 3/7', zh: '同时读取全部部件，或 m 份中的第 n 份：3/7' } },
    { flags: '--repair', description: { en: 'mark damaged parts, so that the next backup stores them anew', zh: '标记损坏的部件，使下一次备份重新存储它们' } },
  ],
  settings: [...repositorySettings, 'HOLDFAST_SOURCE_NAME'],
  input: z
    .strictObject({ backup: z.string().optional(), readData: share.optional(), repair: z.boolean().default(false) })
    .refine(({ readData, repair }) => !repair || readData !== undefined, { path: ['repair'], message: 'use it with --read-data' }),
  async run(context, { backup, readData, repair }) {
    const repository = await openRepositoryOf(context);
    const verified = await verifyRepository(repository, {
      source: context.configuration.HOLDFAST_SOURCE_NAME,
      backup: backup === undefined ? undefined : await findNamed(context, repository, backup),
      share: readData,
      repair,
      log: context.log,
      now: () => new Date(),
      onReading: (bytes) => context.progress.phase('checking', bytes),
      onRead: (bytes) => context.progress.advance(bytes),
      signal: context.signal,
    });
    const { findings, found, ...counts } = verified;
    const touched = new Set(findings.flatMap(({ backups }) => backups));
    const readAs = readData && (readData.of === 1 ? 'all' : `${readData.number}/${readData.of}`);
    return {
      result: { ...counts, readData: readAs, found, backupsTouched: touched.size, findings: findings.map((finding) => ({ ...finding, description: describeProblem(finding, context.language) })) },
      text: describeVerification(verified, context.language),
      ...(found > 0 && { failure: verifyErrors.REPOSITORY_NOT_WHOLE({ store: repository.store.url, found, backups: touched.size }) }),
    };
  },
});

/** A damaged backup can be named too: verifying says what is wrong with it. */
async function findNamed(context: CommandContext, repository: Repository, text: string): Promise<BackupName> {
  const entries = await listBackups(repository, { source: context.configuration.HOLDFAST_SOURCE_NAME, signal: context.signal });
  const { source, id } = resolveBackup(entries, text, { store: repository.store.url });
  return { source, id };
}

function describeVerification({ findings, found, headless, ...verified }: Verification, language: Language): string {
  const say = (en: string, zh: string, values: Record<string, string | number> = {}) => renderText({ en, zh }, language, values);
  const lines = [
    say('{backups} backups, {parts} parts of {bytes}: {found} findings.', '{backups} 个备份，{parts} 个部件共 {bytes}：发现 {found} 个问题。', {
      backups: verified.backups,
      parts: verified.parts,
      bytes: formatBytes(verified.bytes),
      found,
    }),
    verified.partsRead > 0
      ? say('{parts} parts of {bytes} were read.', '已读取 {parts} 个部件共 {bytes}。', { parts: verified.partsRead, bytes: formatBytes(verified.bytesRead) })
      : say('No part was read: --read-data does.', '未读取部件内容：可用 --read-data 读取。'),
  ];
  if (!verified.bodiesRead) lines.push(say('Bodies were not decrypted, only their checksums compared: give --identity-file.', '未解密主体文件，仅比较了校验和：可给出 --identity-file。'));
  for (const name of headless) lines.push(say('! {name} has no head: a run that did not end, or its head was deleted.', '! {name} 没有头文件：运行未结束，或头文件被删除。', { name }));
  if (findings.length > 0) lines.push('', formatFindings(findings, language), '', ...adviseOn(findings, language).map((advice) => `- ${advice}`));
  return lines.join('\n');
}

function formatFindings(findings: readonly Finding[], language: Language): string {
  const headings = [
    { en: 'OBJECT', zh: '对象' },
    { en: 'PROBLEM', zh: '问题' },
    { en: 'BACKUPS', zh: '涉及备份' },
  ].map((heading) => renderText(heading, language));
  const rows = findings.slice(0, findingsShown).map((finding) => [finding.object, describeProblem(finding, language), nameSome(finding.backups)]);
  const rest = findings.length - rows.length;
  return formatTable(headings, rest > 0 ? [...rows, [`… ${rest}`, '', '']] : rows);
}

function nameSome(backups: readonly string[]): string {
  const rest = backups.length - backupsShown;
  return [...backups.slice(0, backupsShown), ...(rest > 0 ? [`… ${rest}`] : [])].join(', ');
}
