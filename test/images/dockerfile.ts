import { readFileSync } from 'node:fs';

export interface Instruction {
  readonly keyword: string;
  /** All after the keyword, continued lines joined. */
  readonly text: string;
}

export interface Stage {
  readonly name: string;
  /** An image, or the name of an earlier stage; arguments filled in. */
  readonly from: string;
  readonly instructions: readonly Instruction[];
}

export interface Dockerfile {
  /** The defaults of arguments above the first FROM. */
  readonly globalArguments: ReadonlyMap<string, string>;
  readonly stages: readonly Stage[];
}

export const dockerfilePath = new URL('../../Dockerfile', import.meta.url).pathname;

/** Reads what our Dockerfile uses of the language: no heredocs, no escape directive, every stage named. */
export function readDockerfile(source = readFileSync(dockerfilePath, 'utf8')): Dockerfile {
  const globalArguments = new Map<string, string>();
  const stages: { name: string; from: string; instructions: Instruction[] }[] = [];
  for (const { keyword, text } of instructionsOf(source)) {
    const stage = stages.at(-1);
    if (keyword === 'FROM') {
      const [, image = '', name = ''] = /^(\S+) AS (\S+)$/.exec(text) ?? [];
      if (name === '') throw new Error(`a stage has no name: FROM ${text}`);
      stages.push({ name, from: fillArguments(image, globalArguments), instructions: [] });
    } else if (stage === undefined) {
      globalArguments.set(...argumentOf(text));
    } else {
      stage.instructions.push({ keyword, text });
    }
  }
  return { globalArguments, stages };
}

/** `NAME=value` of an ARG, an ENV or a LABEL: quotes taken off. */
export function assignmentsOf(text: string): [name: string, value: string][] {
  return [...text.matchAll(/([\w.]+)=(?:"([^"]*)"|(\S*))/g)].map(([, name = '', quoted, plain]) => [name, quoted ?? plain ?? '']);
}

/** The stage of that name with all stages that it stands on, the first one first. */
export function lineageOf({ stages }: Dockerfile, name: string): Stage[] {
  const stage = stages.find((candidate) => candidate.name === name);
  return stage === undefined ? [] : [...lineageOf({ globalArguments: new Map(), stages }, stage.from), stage];
}

function argumentOf(text: string): [name: string, value: string] {
  return assignmentsOf(text)[0] ?? [text, ''];
}

function fillArguments(text: string, values: ReadonlyMap<string, string>): string {
  return text.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => values.get(name) ?? '');
}

function instructionsOf(source: string): Instruction[] {
  const lines = source.split('\n').filter((line) => !line.startsWith('#'));
  return lines.join('\n').replaceAll(/\s*\\\n\s*/g, ' ').split('\n').filter((line) => line.trim() !== '').map((line) => {
    const [, keyword = '', text = ''] = /^(\S+)\s+(.*)$/.exec(line) ?? [];
    return { keyword, text };
  });
}
