import { removeEverything } from './cleaning.ts';
import { databaseObjects } from './database.ts';
import { keySecrets } from './keys.ts';
import { useKubectl } from './kubectl.ts';
import { names } from './names.ts';
import { makeNodeFolder } from './node-folder.ts';
import { installRelease } from './release.ts';
import { readClusterSettings } from './settings.ts';

/** What every scenario finds: the chart installed in a namespace that is held to the standard `restricted`, a database, keys. */
// oxlint-disable-next-line import/no-default-export -- jest takes the default export
export default async function start(): Promise<void> {
  const settings = readClusterSettings(process.env);
  const { TEST_CLUSTER_JOB_IMAGE: jobImage } = settings;
  await removeEverything(jobImage);
  const kubectl = useKubectl(names.namespace);
  await kubectl.apply(namespace(names.namespace, 'restricted'));
  if (settings.TEST_CLUSTER_STORAGE_CLASS === undefined) {
    await kubectl.apply(namespace(names.volumesNamespace, 'privileged'));
    await makeNodeFolder(useKubectl(names.volumesNamespace), jobImage);
  }
  await kubectl.apply(...(await keySecrets()), ...databaseObjects(jobImage));
  await installRelease(settings);
  await kubectl.run(['rollout', 'status', `deployment/${names.database}`, '--timeout=5m']);
}

function namespace(name: string, level: 'restricted' | 'privileged'): object {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { 'pod-security.kubernetes.io/enforce': level } } };
}
