import { isText, type Language, type Placeholders, renderText, type Text, type TextValue, type TextValues } from './text.ts';

/** What kind of trouble an error is: decides who has to act, and how each edge (exit code, HTTP status) answers. */
export type ErrorCategory =
  | 'usage' // the command line or configuration is wrong
  | 'source' // the database is unreachable or refuses
  | 'store' // the volume or bucket is unreachable or refuses
  | 'integrity' // content differs from what was promised
  | 'not_found' // the named thing does not exist
  | 'safety' // a rule that protects data refused
  | 'busy' // the same call may go through later
  | 'dependency' // a service that this one needs (catalogue, Redis) is away
  | 'validation' // a request is not what its route takes
  | 'authentication' // nobody known makes the request
  | 'authorization' // somebody known who may not do this
  | 'business_logic' // a rule of the business refused
  | 'rate_limit' // too many requests in too little time
  | 'internal'; // unexpected

/** One error of a family: what happened (`message`) and what to do (`hint`), in every language. */
export interface ErrorDefinition {
  readonly category: ErrorCategory;
  /** HTTP status of an answer that carries this error. */
  readonly status: number;
  /** Whether the same call may go through when it is simply made again. */
  readonly retryable: boolean;
  readonly message: Text;
  readonly hint: Text;
}

/** What an error may carry beside the values of its texts. */
export interface ErrorOptions {
  readonly cause?: unknown;
  /** Facts for the caller's program that no text names, such as the fields of a form; texts among them are shown in the reader's language. */
  readonly data?: Readonly<Record<string, unknown>>;
}

interface ErrorParts extends ErrorOptions {
  readonly code: string;
  readonly definition: ErrorDefinition;
  readonly values: TextValues;
}

/**
 * The one error class. `code` is stable and UPPER_SNAKE; `message` and `hint` are English, `describe` gives any
 * language. `values` and `data` are shown to people and programs: never put a secret there.
 */
export class HoldfastError extends Error {
  override readonly name = 'HoldfastError';
  readonly code: string;
  /** In English where they are texts. */
  readonly values: Readonly<Record<string, string | number>>;
  readonly #values: TextValues;
  readonly #data: Readonly<Record<string, unknown>>;
  readonly #definition: ErrorDefinition;

  constructor({ code, definition, values, data = {}, cause }: ErrorParts) {
    super(renderText(definition.message, 'en', values), cause === undefined ? undefined : { cause });
    this.code = code;
    this.values = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, typeof value === 'object' ? value.en : value]));
    this.#values = values;
    this.#data = data;
    this.#definition = definition;
  }

  get category(): ErrorCategory {
    return this.#definition.category;
  }

  get status(): number {
    return this.#definition.status;
  }

  get retryable(): boolean {
    return this.#definition.retryable;
  }

  get hint(): string {
    return renderText(this.#definition.hint, 'en', this.#values);
  }

  /** The error's values and data as an answer to a program carries them, texts in the reader's language. */
  dataFor(language: Language): Record<string, unknown> {
    return inLanguage({ ...this.#values, ...this.#data }, language) as Record<string, unknown>;
  }

  /** What happened and what to do, in the reader's language. */
  describe(language: Language): { message: string; hint: string } {
    return {
      message: renderText(this.#definition.message, language, this.#values),
      hint: renderText(this.#definition.hint, language, this.#values),
    };
  }
}

function inLanguage(value: unknown, language: Language): unknown {
  if (Array.isArray(value)) return value.map((item) => inLanguage(item, language));
  if (typeof value !== 'object' || value === null) return value;
  if (isText(value)) return value[language];
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, inLanguage(item, language)]));
}

/**
 * Whether somebody who keeps the service has to look at it: a mistake in the code, or content that differs from what was
 * promised. What a caller did wrong, a dependency that is away, a rule that refused are answered, logged and counted. Errors that
 * a library made for the caller (`http-errors`, exposed and below 500) are the caller's as well.
 */
export function isUnexpected(error: unknown): boolean {
  if (error instanceof HoldfastError) return error.category === 'internal' || error.category === 'integrity';
  return refusedStatus(error) === undefined;
}

/** The status of an error that a library made for the caller to see; undefined of any other. */
export function refusedStatus(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('status' in error && 'expose' in error)) return undefined;
  const { status, expose } = error;
  return expose === true && typeof status === 'number' && status >= 400 && status < 500 ? status : undefined;
}

type ValuesOf<Definition extends ErrorDefinition> = Readonly<
  Record<Placeholders<Definition['message']['en']> | Placeholders<Definition['hint']['en']>, TextValue>
>;

type ErrorFactory<Definition extends ErrorDefinition> = (values: ValuesOf<Definition>, options?: ErrorOptions) => HoldfastError;

/** An error whose texts name no values, such as the one that stands for all unexpected failures of an area. */
export type AreaError = (values: Readonly<Record<string, never>>, options?: ErrorOptions) => HoldfastError;

/** A family's errors as functions that make them, and the definitions themselves for catalogues and tests. */
export type ErrorFamily<Definitions extends Record<string, ErrorDefinition>> = {
  readonly [Code in keyof Definitions]: ErrorFactory<Definitions[Code]>;
} & { readonly definitions: Definitions };

/**
 * Defines the errors of one area. Each becomes a function of the values that its texts name:
 * `throw storeErrors.STORE_FULL({ store, key }, { cause })`. The code is the key.
 */
export function defineErrorFamily<const Definitions extends Record<string, ErrorDefinition>>(
  definitions: Definitions,
): ErrorFamily<Definitions> {
  const factories = Object.fromEntries(
    Object.entries(definitions).map(([code, definition]) => [
      code,
      (values: TextValues, options?: ErrorOptions) =>
        new HoldfastError({ code, definition, values, ...options }),
    ]),
  );
  return { ...factories, definitions } as ErrorFamily<Definitions>;
}

/** The `code` that Node, libpq-like drivers and the AWS SDK put on their errors (`ENOENT`, `28P01`), if there is one. */
export function codeOf(error: unknown): string | undefined {
  // Not `instanceof Error`: an error of another realm (a worker's, a test's sandbox) has a code all the same.
  const code: unknown = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
