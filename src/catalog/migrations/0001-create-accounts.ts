import type { Dialect } from './dialects.ts';

/** Accounts, API tokens, sessions, the audit. */
export function createAccounts(dialect: Dialect): readonly string[] {
  const { time, json, boolean, integer } = dialect;
  return [
    `create table account (
      id text not null,
      name text not null,
      name_key text not null,
      password_hash text not null,
      ${role('account_role_check')},
      language text null constraint account_language_check check (language in ('en', 'zh')),
      disabled ${boolean} not null,
      created_at ${time} not null,
      last_sign_in_at ${time} null,
      failed_attempts ${integer} not null,
      primary key (id)
    )`,
    'create unique index account_name_key_unique on account (name_key)',
    `create table api_token (
      id text not null,
      account_id text not null,
      name text not null,
      hash text not null,
      prefix text not null,
      scopes ${json} not null,
      ${role('api_token_role_check')},
      created_at ${time} not null,
      expires_at ${time} not null,
      last_used_at ${time} null,
      revoked_at ${time} null,
      primary key (id),
      constraint api_token_account_id_foreign foreign key (account_id) references account (id) on delete cascade
    )`,
    'create unique index api_token_hash_unique on api_token (hash)',
    'create index api_token_account_index on api_token (account_id)',
    `create table session (
      id text not null,
      user_id text not null,
      record ${json} not null,
      expires_at ${time} not null,
      primary key (id)
    )`,
    'create index session_user_index on session (user_id)',
    'create index session_expires_index on session (expires_at)',
    `create table audit_entry (
      id text not null,
      at ${time} not null,
      actor_id text null,
      actor_name text not null,
      action text not null,
      object text not null,
      outcome text not null constraint audit_entry_outcome_check check (outcome in ('done', 'refused', 'failed')),
      request_id text null,
      address text null,
      details ${json} not null,
      primary key (id)
    )`,
    'create index audit_entry_at_index on audit_entry (at, id)',
    ...keepAppendOnly[dialect.kind],
  ];
}

function role(constraint: string): string {
  return `role text not null constraint ${constraint} check (role in ('viewer', 'operator', 'admin'))`;
}

const keepAppendOnly: Record<Dialect['kind'], readonly string[]> = {
  sqlite: ['update', 'delete'].map((event) => `create trigger audit_entry_no_${event} before ${event} on audit_entry
    begin select raise(abort, 'the audit is append-only'); end`),
  postgres: [
    `create function audit_entry_is_append_only() returns trigger language plpgsql as
      $$ begin raise exception 'the audit is append-only' using errcode = 'integrity_constraint_violation'; end $$`,
    `create trigger audit_entry_append_only before update or delete or truncate on audit_entry
      for each statement execute function audit_entry_is_append_only()`,
  ],
};
