import type { Client } from 'pg';
import { fillText, type Text } from '../../../../src/operations/text.ts';
import type { DrillTally } from '../../drill-tally.ts';
import type { EngineContext } from '../../engine.ts';
import type { PostgresDetails } from '../content.ts';
import { reasonOf, sqlStateOf } from '../postgres-errors.ts';
import { quoteIdentifier, quoteLiteral } from '../quoting.ts';
import type { GlobalStatement } from './globals.ts';
import { connectTo, type ThrowawayServer } from './throwaway-server.ts';

export interface CreateRolesRequest {
  readonly server: ThrowawayServer;
  readonly details: PostgresDetails;
  /** Where the backup holds them. */
  readonly globals: readonly GlobalStatement[] | undefined;
  readonly tally: DrillTally;
}

export interface CreatedRoles {
  readonly warnings: readonly Text[];
  /** Statements that this server did not take. */
  readonly refused: ReadonlySet<GlobalStatement>;
}

const settingLeftOut = { en: 'A setting of a role was left out, for this server does not take it: {statement}: {reason}.', zh: '已略过角色设置（此服务器不接受）：{statement}：{reason}。' };
/** No such setting, a value that it does not take, a library that is not there. */
const settingRefusals = new Set(['42704', '22023', '55P02', '58P01']);

/** Makes the roles and tablespaces that the backup's objects belong to and lie in. */
export async function createRoles(context: EngineContext, request: CreateRolesRequest): Promise<CreatedRoles> {
  const { server, globals } = request;
  const client = await connectTo(context, server, 'postgres');
  try {
    const created = globals === undefined ? { warnings: [], refused: new Set<GlobalStatement>() } : await runGlobals(client, globals, request);
    await createMissing(client, request);
    return created;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function runGlobals(client: Client, globals: readonly GlobalStatement[], { server, tally }: CreateRolesRequest): Promise<CreatedRoles> {
  const warnings: Text[] = [];
  const refused = new Set<GlobalStatement>();
  for (const [index, statement] of globals.entries()) {
    const { text, tablespace, isSetting, subject } = statement;
    const folder = tablespace === undefined ? undefined : await server.makeFolder(`tablespace-${index}`);
    try {
      await client.query(folder === undefined ? text : text + quoteLiteral(folder));
    } catch (error) {
      const state = sqlStateOf(error);
      if (state === undefined) throw error;
      refused.add(statement);
      if (isSetting && settingRefusals.has(state)) warnings.push(fillText(settingLeftOut, { statement: subject, reason: reasonOf(error) }));
      else tally.differs({ check: 'globals', object: subject, expected: 'the statement runs', found: reasonOf(error) });
    }
  }
  return { warnings, refused };
}

/**
 * What no globals made. Only a superuser can own some kinds of objects, and who is one the backup does not say then: here
 * they all are, and none can sign in.
 */
async function createMissing(client: Client, { server, details }: CreateRolesRequest): Promise<void> {
  const { rows } = await client.query<{ roles: string[]; tablespaces: string[] }>(
    `SELECT ARRAY(SELECT rolname::text FROM pg_catalog.pg_roles) AS roles, ARRAY(SELECT spcname::text FROM pg_catalog.pg_tablespace) AS tablespaces`,
  );
  const { roles = [], tablespaces = [] } = rows[0] ?? {};
  for (const role of details.roles.filter((candidate) => !roles.includes(candidate))) await client.query(`CREATE ROLE ${quoteIdentifier(role)} SUPERUSER`);
  for (const [index, name] of details.tablespaces.filter((candidate) => !tablespaces.includes(candidate)).entries()) {
    const folder = await server.makeFolder(`missing-tablespace-${index}`);
    await client.query(`CREATE TABLESPACE ${quoteIdentifier(name)} LOCATION ${quoteLiteral(folder)}`);
  }
}
