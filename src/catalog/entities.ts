import { defineEntity, p } from '@mikro-orm/core';

import { roles } from '../operations/http/service.ts';
import type { SessionRecord } from '../operations/sessions/session-store.ts';
import { languages } from '../operations/text.ts';

/** What an audit entry says of how it went: done, refused by a rule or for want of rights, failed for another reason. */
export const auditOutcomes = ['done', 'refused', 'failed'] as const;
export type AuditOutcome = (typeof auditOutcomes)[number];

export const AccountRow = defineEntity({
  name: 'AccountRow',
  tableName: 'account',
  properties: {
    id: p.text().primary(),
    name: p.text(),
    /** The name without differences of case and form, by which it is unique and lists are sorted. */
    nameKey: p.text().unique('account_name_key_unique'),
    passwordHash: p.text(),
    role: p.enum(roles),
    language: p.enum(languages).nullable(),
    disabled: p.boolean(),
    createdAt: p.datetime(3),
    lastSignInAt: p.datetime(3).nullable(),
    /** Refused sign-ins since the last one that went through. */
    failedAttempts: p.integer(),
  },
});

export const TokenRow = defineEntity({
  name: 'TokenRow',
  tableName: 'api_token',
  properties: {
    id: p.text().primary(),
    account: p.manyToOne(AccountRow).mapToPk().deleteRule('cascade').fieldName('account_id').index('api_token_account_index'),
    name: p.text(),
    /** SHA-256 of the token in hexadecimal: who reads the catalogue cannot use it. */
    hash: p.text().unique('api_token_hash_unique'),
    prefix: p.text(),
    scopes: p.json<readonly string[]>(),
    role: p.enum(roles),
    createdAt: p.datetime(3),
    expiresAt: p.datetime(3),
    lastUsedAt: p.datetime(3).nullable(),
    revokedAt: p.datetime(3).nullable(),
  },
});

/** `userId` refers to no account: whoever deletes one ends its sessions, in whatever store they are. */
export const SessionRow = defineEntity({
  name: 'SessionRow',
  tableName: 'session',
  properties: {
    id: p.text().primary(),
    userId: p.text().index('session_user_index'),
    record: p.json<SessionRecord>(),
    expiresAt: p.datetime(3).index('session_expires_index'),
  },
});

/** Append-only: the database refuses to change or delete a row. */
export const AuditRow = defineEntity({
  name: 'AuditRow',
  tableName: 'audit_entry',
  indexes: [{ name: 'audit_entry_at_index', properties: ['at', 'id'] }],
  properties: {
    id: p.text().primary(),
    at: p.datetime(3),
    /** Refers to no account: an entry outlives it. */
    actorId: p.text().nullable(),
    actorName: p.text(),
    action: p.text(),
    object: p.text(),
    outcome: p.enum(auditOutcomes),
    requestId: p.text().nullable(),
    address: p.text().nullable(),
    details: p.json<Readonly<Record<string, string | number | boolean | null>>>(),
  },
});

export const entities = [AccountRow, TokenRow, SessionRow, AuditRow];
