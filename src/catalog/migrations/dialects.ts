/** What the two databases call the same thing. */
export interface Dialect {
  readonly kind: 'sqlite' | 'postgres';
  /** A moment, to the millisecond. */
  readonly time: string;
  readonly json: string;
  readonly boolean: string;
  readonly integer: string;
}

export const dialects = {
  postgres: { kind: 'postgres', time: 'timestamptz(3)', json: 'jsonb', boolean: 'boolean', integer: 'int' },
  sqlite: { kind: 'sqlite', time: 'datetime', json: 'json', boolean: 'integer', integer: 'integer' },
} as const satisfies Record<Dialect['kind'], Dialect>;
