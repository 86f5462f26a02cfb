import { removeEverything } from './cleaning.ts';
import { readClusterSettings } from './settings.ts';

// oxlint-disable-next-line import/no-default-export -- jest takes the default export
export default async function stop(): Promise<void> {
  await removeEverything(readClusterSettings(process.env).TEST_CLUSTER_JOB_IMAGE);
}
