import { kubernetesPrograms } from '../support/kubernetes-programs.ts';
import { runProgram, useKubectl } from './kubectl.ts';
import { names } from './names.ts';
import { type ClusterSettings, imageValues } from './settings.ts';

const chart = new URL('../../charts/holdfast', import.meta.url).pathname;

/** The chart as a team would install it, but for plain HTTP within the cluster. `round` changes with each roll-out. */
export function releaseValues({ TEST_CLUSTER_IMAGE: image, TEST_CLUSTER_JOB_IMAGE: jobImage, TEST_CLUSTER_STORAGE_CLASS: storageClass }: ClusterSettings, round = '1'): object {
  const podAnnotations = { 'holdfast.dev/e2e-round': round };
  return {
    image: imageValues(image),
    jobImage: imageValues(jobImage),
    scope: 'namespace',
    claims: { [names.repositoryClaim]: { size: '1Gi', storageClassName: storageClass ?? names.storageClass, accessModes: ['ReadWriteOnce'] } },
    api: { requireHttps: false, podAnnotations },
    controller: { podAnnotations },
  };
}

/** Installs or upgrades, and waits until all pods are ready. */
export async function installRelease(settings: ClusterSettings, round?: string): Promise<void> {
  await applyRelease(settings, round);
  for (const part of ['api', 'controller']) await useKubectl(names.namespace).run(['rollout', 'status', `deployment/${names.release}-${part}`, '--timeout=5m']);
}

/** Installs or upgrades. */
export async function applyRelease(settings: ClusterSettings, round?: string): Promise<void> {
  await helm(['upgrade', '--install', names.release, chart, '--namespace', names.namespace, '--values=-'], JSON.stringify(releaseValues(settings, round)));
}

export async function uninstallRelease(): Promise<void> {
  await helm(['uninstall', names.release, '--namespace', names.namespace, '--ignore-not-found', '--wait', '--timeout=5m']);
}

/** `helm test`: backs up and drills a scratch database. */
export async function testRelease(): Promise<string> {
  return helm(['test', names.release, '--namespace', names.namespace, '--timeout=5m']);
}

async function helm(words: readonly string[], input?: string): Promise<string> {
  return runProgram((await kubernetesPrograms()).helm, words, input);
}
