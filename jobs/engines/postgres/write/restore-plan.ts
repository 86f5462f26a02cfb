import { fillText, type Text } from '../../../../src/operations/text.ts';
import type { RestoreRequest } from '../../engine.ts';
import type { BackupStreams } from './backup-streams.ts';
import { describePostgresAddress, type PostgresAddress } from '../connect/address.ts';
import type { Preflight } from './restore-preflight.ts';

export interface PlanRequest {
  readonly address: PostgresAddress;
  readonly preflight: Preflight;
  readonly backup: BackupStreams;
  readonly options: RestoreRequest['options'];
  readonly leftovers: readonly string[];
  /** Names that the database has meanwhile and that the replaced one gets. */
  readonly restoring: string;
  readonly previous: string;
}

const steps = {
  dropLeftover: { en: 'Drop {name}, which a killed restore left.', zh: '删除被中止的恢复所遗留的 {name}。' },
  fill: { en: 'Restore into the existing, empty database {target}; its owner, privileges and settings stay as they are.', zh: '恢复到现有的空数据库 {target}；其所有者、权限与设置保持不变。' },
  create: { en: 'Create the database {name} on the server of {target} (encoding {encoding}, collation {collate}).', zh: '在 {target} 所在服务器上创建数据库 {name}（编码 {encoding}，排序规则 {collate}）。' },
  withoutOwners: { en: 'Create the definitions without owners and privileges.', zh: '创建定义，不含所有者与权限。' },
  withOwners: { en: 'Create the definitions, owned by the {count} roles of the backup.', zh: '创建定义，归备份中的 {count} 个角色所有。' },
  load: { en: 'Load rows: {rows}, {bytes} bytes, tables: {tables}, over connections: {connections}.', zh: '载入数据：{rows} 行、{bytes} 字节、{tables} 张表，并行连接 {connections} 个。' },
  largeObjects: { en: 'Load large objects: {count}.', zh: '载入大对象：{count} 个。' },
  indexes: { en: 'Set the sequences, then create indexes, constraints and triggers.', zh: '设置序列，然后创建索引、约束与触发器。' },
  refresh: { en: 'Refresh materialized views: {count}.', zh: '刷新物化视图：{count} 个。' },
  check: { en: 'Analyze, and compare rows, sequences and large objects with the backup.', zh: '执行 ANALYZE，并将行、序列与大对象同备份比较。' },
  rename: { en: 'Rename {from} to {to}.', zh: '将 {from} 改名为 {to}。' },
  endSessions: { en: 'End the sessions on {name}.', zh: '结束 {name} 上的会话。' },
  exchange: { en: 'Exchange the names in one transaction: {name} becomes {previous}, {restoring} becomes {name}.', zh: '在一个事务中交换名称：{name} 改为 {previous}，{restoring} 改为 {name}。' },
  drop: { en: 'Drop {name}.', zh: '删除 {name}。' },
} as const satisfies Record<string, Text>;

/** The steps of a restore for people, one sentence each. */
export function describePlan({ address, preflight, backup, options, leftovers, restoring, previous }: PlanRequest): Text[] {
  const { details, tables, rows, bytes } = backup;
  const { mode } = preflight;
  const target = describePostgresAddress(address);
  const name = address.database;
  const { encoding, collate } = details.database;
  return [
    ...leftovers.map((leftover) => fillText(steps.dropLeftover, { name: leftover })),
    mode === 'fill' ? fillText(steps.fill, { target }) : fillText(steps.create, { name: restoring, target, encoding, collate }),
    options.skipOwners ? steps.withoutOwners : fillText(steps.withOwners, { count: details.roles.length }),
    fillText(steps.load, { rows, bytes, tables: tables.length, connections: options.connections }),
    ...(details.largeObjects > 0 ? [fillText(steps.largeObjects, { count: details.largeObjects })] : []),
    steps.indexes,
    ...(details.materializedViews.length > 0 ? [fillText(steps.refresh, { count: details.materializedViews.length })] : []),
    steps.check,
    ...(mode === 'create' ? [fillText(steps.rename, { from: restoring, to: name })] : []),
    ...(mode === 'exchange' && options.endSessions ? [fillText(steps.endSessions, { name })] : []),
    ...(mode === 'exchange' ? [fillText(steps.exchange, { name, previous, restoring })] : []),
    ...(mode === 'exchange' && options.overwrite && !options.swap ? [fillText(steps.drop, { name: previous })] : []),
  ];
}
