import { fillText, type Text } from '../../../../src/operations/text.ts';
import { type FindingLevel, namesShown, type PreflightFinding, showNames } from '../../preflight.ts';
import { quoteName } from '../quoting.ts';
import { isOurs, type Relation } from '../read/catalog.ts';

/** A kind of finding: `{names}` in its message are the things found, `{count}` is how many. */
export interface FindingKind {
  readonly code: string;
  readonly level: FindingLevel;
  readonly message: Text;
}

const unreadable: FindingKind = {
  code: 'TABLES_UNREADABLE',
  level: 'error',
  message: {
    en: 'The user may not read {count} tables and sequences: {names}. GRANT USAGE on their schemas and SELECT on them, or the role pg_read_all_data.',
    zh: '该用户无权读取 {count} 个表或序列：{names}。请授予其模式的 USAGE 与其本身的 SELECT 权限，或 pg_read_all_data 角色。',
  },
};
const rowSecurity: FindingKind = {
  code: 'ROW_SECURITY',
  level: 'error',
  message: {
    en: 'Row security would hide rows of {count} tables: {names}. Back up as a role with BYPASSRLS, or as the owner of tables that do not force row security.',
    zh: '行级安全会隐藏 {count} 个表的行：{names}。请使用具有 BYPASSRLS 的角色，或未强制行级安全的表的所有者进行备份。',
  },
};
const unlogged: FindingKind = {
  code: 'UNLOGGED_TABLES',
  level: 'warning',
  message: {
    en: 'Unlogged tables are backed up, but the server itself loses their rows in a crash: {names}.',
    zh: '已备份 UNLOGGED 表，但服务器崩溃时其数据会丢失：{names}。',
  },
};
const foreign: FindingKind = {
  code: 'FOREIGN_TABLES',
  level: 'warning',
  message: {
    en: 'Rows of foreign tables are not in the backup, only their definitions: {names}.',
    zh: '备份仅含外部表的定义，不含其数据：{names}。',
  },
};

/** What the relations themselves tell: of a snapshot's, what is true of that very state. */
export function findInRelations(relations: readonly Relation[]): PreflightFinding[] {
  const ours = relations.filter(isOurs);
  return [
    ...find(unreadable, ours.filter(({ kind, readable }) => !readable && kind !== 'f' && kind !== 'm')),
    ...find(rowSecurity, ours.filter(({ kind, filtered }) => filtered && kind === 'r')),
    ...find(unlogged, ours.filter((relation) => relation.unlogged && relation.kind === 'r')),
    ...find(foreign, ours.filter(({ kind }) => kind === 'f')),
  ];
}

function find(kind: FindingKind, relations: readonly Relation[]): PreflightFinding[] {
  return toFinding(kind, relations.slice(0, namesShown).map(({ schema, name }) => quoteName(schema, name)), relations.length);
}

/** The finding of what was found; none where nothing was. */
export function toFinding({ code, level, message }: FindingKind, names: readonly string[], count: number): PreflightFinding[] {
  return count === 0 ? [] : [{ code, level, message: fillText(message, { count, names: showNames(names, count) }), names, count }];
}
