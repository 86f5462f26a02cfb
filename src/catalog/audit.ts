import { randomUUID } from 'node:crypto';

import type { InferEntity } from '@mikro-orm/core';

import type { Principal } from '../operations/http/service.ts';
import { secretKeys } from '../operations/logging.ts';
import type { Waiting } from '../operations/sessions/session-store.ts';
import type { Catalog } from './catalog.ts';
import { type AuditOutcome, AuditRow } from './entities.ts';
import { olderThan, type Page, type PageRequest, toPage } from './page.ts';
import { present } from './present.ts';

export type { AuditOutcome };

/** Flat facts about an action. No secret belongs here; what stands under a secret's name is hidden all the same. */
export type AuditDetails = Readonly<Record<string, string | number | boolean | null>>;

export interface AuditEntry {
  readonly id: string;
  readonly at: Date;
  /** Who did it. Without an id it was nobody who is known: a refused sign-in, a command. */
  readonly actor: { readonly id?: string; readonly name: string };
  /** `account.create`, `restore.start`: what, and what with it. */
  readonly action: string;
  /** What it was done to: `account:<id>`, `backup:<source>/<id>`. */
  readonly object: string;
  readonly outcome: AuditOutcome;
  readonly requestId?: string;
  readonly address?: string;
  readonly details: AuditDetails;
}

export interface AuditRecord extends Omit<AuditEntry, 'id' | 'at' | 'actor' | 'details'> {
  readonly actor: Pick<Principal, 'name'> & Partial<Pick<Principal, 'id'>>;
  readonly details?: AuditDetails;
}

export interface AuditContext {
  readonly catalog: Catalog;
  readonly now: () => Date;
}

/** Adds an entry; none is ever changed or deleted, the database itself sees to it. Long texts are cut. */
export async function recordAudit({ catalog, now }: AuditContext, record: AuditRecord, waiting: Waiting): Promise<void> {
  const row = {
    id: randomUUID(),
    at: now(),
    actorId: record.actor.id ?? null,
    actorName: clean(record.actor.name, 200),
    action: clean(record.action, 100),
    object: clean(record.object, 500),
    outcome: record.outcome,
    requestId: record.requestId === undefined ? null : clean(record.requestId, 200),
    address: record.address === undefined ? null : clean(record.address, 100),
    details: cleanDetails(record.details ?? {}),
  };
  await catalog.run(async (em) => em.insert(AuditRow, row), waiting);
}

export interface AuditRequest extends PageRequest {
  readonly actorId?: string | undefined;
  readonly action?: string | undefined;
  readonly object?: string | undefined;
  readonly outcome?: AuditOutcome | undefined;
}

/** Newest first. Throws CATALOG_CURSOR_INVALID. */
export async function listAudit({ catalog }: Pick<AuditContext, 'catalog'>, request: AuditRequest, waiting: Waiting): Promise<Page<AuditEntry>> {
  const { limit, after, ...filters } = request;
  const wanted = Object.fromEntries(Object.entries(filters).flatMap(([name, value]) => (value === undefined ? [] : [[name, clean(value, 500)]])));
  const where = { ...wanted, ...olderThan('at', after) };
  const rows = await catalog.run(async (em) => em.find(AuditRow, where, { orderBy: { at: 'desc', id: 'desc' }, limit: limit + 1 }), waiting);
  return toPage(rows, request, toEntry, (row) => [row.at.toISOString(), row.id]);
}

function cleanDetails(details: AuditDetails): AuditDetails {
  return Object.fromEntries(Object.entries(details).map(([name, value]) => {
    if (secretKeys.some((secret) => name.toLowerCase().endsWith(secret.toLowerCase()))) return [name, '[hidden]'];
    return [clean(name, 100), typeof value === 'string' ? clean(value, 1000) : value];
  }));
}

/** What both databases can hold: well-formed Unicode without NUL. */
function clean(text: string, most: number): string {
  return text.slice(0, most).toWellFormed().replaceAll('\0', '\u{FFFD}');
}

function toEntry(row: InferEntity<typeof AuditRow>): AuditEntry {
  return {
    id: row.id,
    at: row.at,
    actor: { ...present({ id: row.actorId }), name: row.actorName },
    action: row.action,
    object: row.object,
    outcome: row.outcome,
    ...present({ requestId: row.requestId, address: row.address }),
    details: row.details,
  };
}
