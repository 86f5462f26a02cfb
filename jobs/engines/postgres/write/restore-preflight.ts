import type { Client } from 'pg';
import { fillText, type Text } from '../../../../src/operations/text.ts';
import type { HoldfastError } from '../../../../src/operations/errors.ts';
import type { RestoreOptions } from '../../engine.ts';
import { sourceErrors } from '../../source-errors.ts';
import type { PostgresDetails } from '../content.ts';
import { isRestoreMark } from './create-database.ts';
import type { TargetState } from './inspect-target.ts';
import { restoreErrors } from './restore-errors.ts';

/** How the restored content gets its name. */
export type RestoreMode =
  | 'create' // the target does not exist: restore under another name, rename at the end
  | 'fill' // the target is there and empty: restore into it
  | 'exchange'; // the target is there: restore beside it, then exchange the names

export interface Preflight {
  readonly mode: RestoreMode;
  /** `server_version_num` of the target's server. */
  readonly serverVersion: number;
  readonly user: string;
  readonly isSuperuser: boolean;
  /** Tablespaces that the server lacks: everything goes to the database's own then. */
  readonly missingTablespaces: readonly string[];
  readonly warnings: readonly Text[];
}

interface ServerFacts {
  readonly version: number;
  readonly user: string;
  readonly superuser: boolean;
  readonly createdb: boolean;
  readonly ownsTarget: boolean | null;
  readonly targetComment: string | null;
  readonly roles: readonly string[];
  readonly tablespaces: readonly string[];
  readonly locales: readonly string[];
}

interface ExtensionVersion {
  readonly name: string;
  readonly version: string;
  readonly isDefault: boolean;
  readonly creatable: boolean;
}

export interface PreflightRequest {
  readonly details: PostgresDetails;
  readonly state: TargetState;
  /** The target's database name, and the target for people. */
  readonly database: string;
  readonly shown: string;
  readonly options: RestoreOptions;
}

/**
 * Checks, without changing anything, whether a backup can be restored into a target. Throws the one thing in the way, or
 * RESTORE_NOT_POSSIBLE with all of them.
 */
export async function checkRestore(maintenance: Client, request: PreflightRequest): Promise<Preflight> {
  const { details, state, options } = request;
  const facts = await readServer(maintenance, request);
  const extensions = await readExtensions(maintenance, details);
  const mode = chooseMode(request);
  const problems = [
    ...checkVersion(facts, request),
    ...checkTarget(mode, facts, request),
    ...checkRights(mode, facts, request),
    ...checkExtensions(extensions, facts, request),
    ...(options.skipOwners ? [] : checkRoles(facts, request)),
  ];
  throwProblems(problems, request.shown);
  const missingTablespaces = details.tablespaces.filter((name) => !facts.tablespaces.includes(name));
  return {
    mode: mode ?? 'create',
    serverVersion: facts.version,
    user: facts.user,
    isSuperuser: facts.superuser,
    missingTablespaces,
    warnings: [
      ...extensionWarnings(extensions, details),
      ...(missingTablespaces.length === 0 ? [] : [fillText(texts.tablespaces, { names: missingTablespaces.join(', ') })]),
      ...(state.kind !== 'absent' && mode === 'fill' ? [] : localeWarnings(facts, details)),
    ],
  };
}

async function readServer(maintenance: Client, { details, database }: PreflightRequest): Promise<ServerFacts> {
  const { rows } = await maintenance.query<ServerFacts>(
    `SELECT pg_catalog.current_setting('server_version_num')::int AS version, current_user::text AS user,
            r.rolsuper AS superuser, r.rolcreatedb OR r.rolsuper AS createdb,
            (SELECT pg_catalog.pg_has_role(datdba, 'USAGE') FROM pg_catalog.pg_database WHERE datname = $3) AS "ownsTarget",
            (SELECT pg_catalog.shobj_description(oid, 'pg_database') FROM pg_catalog.pg_database WHERE datname = $3) AS "targetComment",
            ARRAY(SELECT rolname::text FROM pg_catalog.pg_roles WHERE rolname = ANY ($1::text[])) AS roles,
            ARRAY(SELECT spcname::text FROM pg_catalog.pg_tablespace WHERE spcname = ANY ($2::text[])) AS tablespaces,
            ARRAY(SELECT datcollate::text FROM pg_catalog.pg_database UNION SELECT datctype::text FROM pg_catalog.pg_database
                  UNION SELECT collcollate::text FROM pg_catalog.pg_collation WHERE collprovider = 'c' AND collcollate IS NOT NULL) AS locales
     FROM pg_catalog.pg_roles AS r WHERE r.rolname = current_user`,
    [details.roles, details.tablespaces, database],
  );
  const facts = rows[0];
  if (facts === undefined) throw new Error('the session has no role');
  return facts;
}

async function readExtensions(maintenance: Client, details: PostgresDetails): Promise<ExtensionVersion[]> {
  const { rows } = await maintenance.query<ExtensionVersion>(
    `SELECT v.name::text, v.version::text, v.version = e.default_version AS "isDefault",
            NOT v.superuser OR v.trusted AS creatable
     FROM pg_catalog.pg_available_extension_versions AS v JOIN pg_catalog.pg_available_extensions AS e USING (name)
     WHERE v.name = ANY ($1::name[])`,
    [details.extensions.map(({ name }) => name)],
  );
  return rows;
}

function chooseMode({ state, details, options }: PreflightRequest): RestoreMode | undefined {
  if (state.kind === 'absent') return 'create';
  const replaces = options.swap || options.overwrite;
  if (state.kind === 'empty' && (!replaces || state.encoding === details.database.encoding)) return 'fill';
  return replaces ? 'exchange' : undefined;
}

function checkVersion({ version }: ServerFacts, { details, shown }: PreflightRequest): HoldfastError[] {
  const source = Math.floor(details.serverVersion / 10_000);
  const found = Math.floor(version / 10_000);
  return found < source ? [restoreErrors.RESTORE_VERSION_OLDER({ target: shown, source, found })] : [];
}

function checkTarget(mode: RestoreMode | undefined, { targetComment }: ServerFacts, { state, details, shown }: PreflightRequest): HoldfastError[] {
  if (mode === undefined) {
    return [isRestoreMark(targetComment) ? restoreErrors.RESTORE_TARGET_UNFINISHED({ target: shown }) : sourceErrors.RESTORE_TARGET_OCCUPIED({ target: shown })];
  }
  if (mode !== 'fill' || state.kind === 'absent' || state.encoding === details.database.encoding) return [];
  return [restoreErrors.RESTORE_ENCODING_DIFFERS({ target: shown, found: state.encoding, expected: details.database.encoding })];
}

function checkRights(mode: RestoreMode | undefined, facts: ServerFacts, { shown }: PreflightRequest): HoldfastError[] {
  const missing = (right: string) => restoreErrors.RESTORE_RIGHTS_MISSING({ target: shown, user: facts.user, right });
  return [
    ...(mode !== 'fill' && !facts.createdb ? [missing('to create databases (CREATEDB)')] : []),
    ...(mode === 'exchange' && !facts.superuser && facts.ownsTarget !== true ? [missing('to rename the target, which another role owns')] : []),
  ];
}

function checkExtensions(available: readonly ExtensionVersion[], facts: ServerFacts, { details, shown }: PreflightRequest): HoldfastError[] {
  const missing = details.extensions.filter(({ name }) => !available.some((candidate) => candidate.name === name));
  const refused = facts.superuser
    ? []
    : details.extensions.filter(({ name }) => name !== 'plpgsql' && available.some((candidate) => candidate.name === name && candidate.isDefault && !candidate.creatable));
  return [
    ...(missing.length > 0 ? [restoreErrors.RESTORE_EXTENSIONS_MISSING({ target: shown, extensions: listExtensions(missing) })] : []),
    ...(refused.length > 0 ? [restoreErrors.RESTORE_EXTENSIONS_REFUSED({ user: facts.user, extensions: listExtensions(refused) })] : []),
  ];
}

function listExtensions(extensions: PostgresDetails['extensions']): string {
  return extensions.map(({ name, version }) => `${name} ${version}`).join(', ');
}

function checkRoles(facts: ServerFacts, { details, shown }: PreflightRequest): HoldfastError[] {
  const missing = details.roles.filter((role) => !facts.roles.includes(role));
  return missing.length > 0 ? [restoreErrors.RESTORE_ROLES_MISSING({ target: shown, roles: missing.join(', ') })] : [];
}

/** `CREATE EXTENSION` takes the server's default version, as with pg_restore: say where that is another one. */
const texts = {
  tablespaces: { en: 'The server lacks the tablespaces {names}: everything goes to the default tablespace.', zh: '服务器没有表空间 {names}：全部使用默认表空间。' },
  extension: { en: 'The extension {name} becomes version {found}; the backup has {version}.', zh: '扩展 {name} 将为版本 {found}；备份中为 {version}。' },
  locale: { en: 'The server may lack the locale {names}: creating the database shows it.', zh: '服务器可能没有区域设置 {names}：创建数据库时即可知晓。' },
} as const;

function extensionWarnings(available: readonly ExtensionVersion[], { extensions }: PostgresDetails): Text[] {
  return extensions.flatMap(({ name, version }) => {
    const found = available.find((candidate) => candidate.name === name && candidate.isDefault);
    return found === undefined || found.version === version ? [] : [fillText(texts.extension, { name, found: found.version, version })];
  });
}

function localeWarnings({ locales }: ServerFacts, { database }: PostgresDetails): Text[] {
  const known = new Set(['C', 'POSIX', ...locales]);
  const unknown = [...new Set([database.collate, database.ctype])].filter((locale) => !known.has(locale));
  return unknown.length === 0 ? [] : [fillText(texts.locale, { names: unknown.join(', ') })];
}

function throwProblems(problems: readonly HoldfastError[], target: string): void {
  const [only] = problems;
  if (only === undefined) return;
  if (problems.length === 1) throw only;
  throw restoreErrors.RESTORE_NOT_POSSIBLE(
    {
      target,
      count: problems.length,
      reasons: problems.map((problem, index) => `(${index + 1}) ${problem.message}`).join('; '),
      hints: problems.map((problem, index) => `(${index + 1}) ${problem.hint}`).join(' '),
    },
    { cause: new AggregateError(problems, 'restore preflight') },
  );
}
