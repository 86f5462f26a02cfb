import { z } from 'zod';
import { type Language, languages, type Text } from '../text.ts';
import { httpErrors } from './http-errors.ts';

/** One thing that is wrong in what was sent: where (`items.0.name`, empty for the whole), which rule, in words. */
export interface FieldProblem {
  readonly field: string;
  readonly rule: string;
  readonly message: Text;
}

/** More would only make an answer long. */
const mostProblems = 20;
const longestMessage = 200;

const locales = { en: z.locales.en(), zh: z.locales.zhCN() } as const satisfies Record<Language, unknown>;

/**
 * What a route takes, checked against a schema: parameters, query or body. Throws REQUEST_INVALID (422) whose data lists
 * `fields` ({@link FieldProblem}, in the reader's language), without the values that were sent.
 */
export function validate<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw httpErrors.REQUEST_INVALID({}, { data: { fields: problemsOf(schema, input) } });
}

function problemsOf(schema: z.ZodType, input: unknown): readonly FieldProblem[] {
  // Zod words its messages while it parses: each language is another run.
  const issues = Object.fromEntries(languages.map((language) => [language, schema.safeParse(input, { error: locales[language].localeError }).error?.issues ?? []])) as Record<Language, z.core.$ZodIssue[]>;
  return issues.en.slice(0, mostProblems).map((issue, index) => ({
    field: issue.path.join('.').slice(0, longestMessage),
    rule: issue.code ?? 'custom',
    message: Object.fromEntries(languages.map((language) => [language, (issues[language][index] ?? issue).message.slice(0, longestMessage)])) as Record<Language, string>,
  }));
}
