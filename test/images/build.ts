import { cp, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { copyInto, copyRoot, runIn } from './chroot.ts';
import { assignmentsOf, type Dockerfile, type Stage } from './dockerfile.ts';

export interface BuildOptions {
  /** Gets one folder a stage. */
  readonly folder: string;
  /** The root of what stands in for the base image. */
  readonly base: string;
  readonly context: string;
  readonly onStep: (stage: string, text: string) => void;
}

/** What a container of the image gets. */
export interface Image {
  readonly root: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly command: readonly string[];
  readonly workingDirectory: string;
}

/** Carries out every stage of the Dockerfile in turn and gives what each came to, by its name. */
export async function buildStages({ stages }: Dockerfile, options: BuildOptions): Promise<Map<string, Image>> {
  const built = new Map<string, Image>();
  for (const stage of stages) built.set(stage.name, await buildStage(stage, built, options));
  return built;
}

async function buildStage(stage: Stage, built: ReadonlyMap<string, Image>, { folder, base, context, onStep }: BuildOptions): Promise<Image> {
  const parent = built.get(stage.from) ?? { root: base, environment: {}, command: [], workingDirectory: '/' };
  const root = join(folder, stage.name);
  await copyRoot(parent.root, root);
  let { environment, command, workingDirectory } = parent;
  let values = environment;
  for (const { keyword, text } of stage.instructions) {
    if (keyword !== 'LABEL') onStep(stage.name, `${keyword} ${text}`);
    if (keyword === 'ARG') values = { ...values, ...Object.fromEntries(assignmentsOf(text)) };
    if (keyword === 'ENV') {
      environment = { ...environment, ...Object.fromEntries(assignmentsOf(text)) };
      values = { ...values, ...environment };
    }
    if (keyword === 'WORKDIR') {
      workingDirectory = text;
      await mkdir(join(root, text), { recursive: true });
    }
    if (keyword === 'RUN') await runIn(root, text, { environment: values, workingDirectory });
    if (keyword === 'COPY') await copy(text);
    if (keyword === 'ENTRYPOINT') command = JSON.parse(text) as string[];
  }
  return { root, environment, command, workingDirectory };

  async function copy(text: string): Promise<void> {
    const [, from, names = ''] = /^(?:--from=(\S+) )?(.*)$/.exec(text) ?? [];
    const sources = names.split(' ');
    const target = join(workingDirectory, sources.pop() ?? '');
    if (from === undefined) return copyInto(root, context, sources, text.endsWith('/') ? `${target}/` : target);
    const source = built.get(from);
    if (source === undefined) throw new Error(`COPY --from=${from}: no stage before ${stage.name} has that name`);
    await mkdir(dirname(join(root, target)), { recursive: true });
    await cp(join(source.root, sources[0] ?? ''), join(root, target), { recursive: true, verbatimSymlinks: true });
  }
}
