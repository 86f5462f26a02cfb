import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { defineErrorFamily } from './errors.ts';

export const configurationErrors = defineErrorFamily({
  CONFIGURATION_INVALID: {
    category: 'usage',
    status: 500,
    retryable: false,
    message: { en: 'The configuration is not valid: {problems}', zh: '配置无效：{problems}' },
    hint: {
      en: 'Correct the variables or options named above; `holdfast --help` lists them.',
      zh: '请更正上面列出的变量或选项；`holdfast --help` 会列出全部选项。',
    },
  },
});

/** Items separated by commas, as variables hold lists. */
export const commaList = z.string().transform((text) => text.split(',').map((item) => item.trim()).filter((item) => item !== ''));

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads one schema's variables from the environment. `NAME_FILE` gives the path of a file that holds the value of
 * `NAME` (its last line break is dropped); both at once is an error. An empty variable counts as not set.
 * Throws CONFIGURATION_INVALID that names every bad variable at once and shows no value.
 */
export function readConfiguration<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  environment: Environment,
): z.infer<z.ZodObject<Shape>> {
  const problems: string[] = [];
  const values: Record<string, string> = {};
  for (const name of Object.keys(schema.shape)) {
    const value = readVariable(name, environment, problems);
    if (value !== undefined) values[name] = value;
  }
  const parsed = schema.safeParse(values, { reportInput: false });
  if (!parsed.success) {
    const unread = new Set(problems.map((problem) => problem.split(':')[0]));
    for (const issue of parsed.error.issues) {
      const name = issue.path.join('.');
      if (!unread.has(name)) problems.push(`${name}: ${issue.message}`);
    }
  }
  if (!parsed.success || problems.length > 0) {
    throw configurationErrors.CONFIGURATION_INVALID({ problems: problems.join('; ') });
  }
  return parsed.data;
}

function readVariable(name: string, environment: Environment, problems: string[]): string | undefined {
  const direct = environment[name] || undefined;
  const path = environment[`${name}_FILE`] || undefined;
  if (path === undefined) return direct;
  if (direct !== undefined) {
    problems.push(`${name}: set together with ${name}_FILE; set one of them`);
    return undefined;
  }
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    problems.push(`${name}: the file named by ${name}_FILE cannot be read (${(error as NodeJS.ErrnoException).code})`);
    return undefined;
  }
}
