import { kinds } from '../../src/kubernetes/resources/kinds.ts';
import { group } from '../../src/kubernetes/resources/names.ts';
import { type Kubectl, useKubectl } from './kubectl.ts';
import { names } from './names.ts';
import { removeNodeFolder } from './node-folder.ts';
import { uninstallRelease } from './release.ts';

const definitions = Object.values(kinds).map(({ plural }) => `${plural}.${group}`);

/** Throws where the cluster's definitions are somebody else's: removing them would remove that one's backup resources. */
export async function refuseForeignDefinitions(kubectl: Kubectl): Promise<void> {
  for (const { metadata } of await kubectl.list('customresourcedefinitions')) {
    if (!definitions.includes(metadata.name)) continue;
    const { annotations = {} } = metadata as { annotations?: Readonly<Record<string, string>> };
    if (annotations['meta.helm.sh/release-namespace'] !== names.namespace) {
      throw new Error(`The cluster has Holdfast already (${metadata.name} is not this suite's). The suite installs and removes definitions: give it a cluster without Holdfast.`);
    }
  }
}

/** Removes all that the suite made, in whatever state it was left: at the start what a run that was ended left, at the end its own. */
export async function removeEverything(jobImage: string): Promise<void> {
  const kubectl = useKubectl(names.namespace);
  await refuseForeignDefinitions(kubectl);
  await uninstallRelease();
  await kubectl.remove('namespaces', names.namespace);
  await kubectl.remove('customresourcedefinitions', ...definitions);
  const inVolumes = useKubectl(names.volumesNamespace);
  if ((await inVolumes.list('namespaces', `kubernetes.io/metadata.name=${names.volumesNamespace}`)).length > 0) {
    await removeNodeFolder(inVolumes, jobImage);
    await inVolumes.remove('namespaces', names.volumesNamespace);
  }
}
