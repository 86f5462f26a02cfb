import { z } from 'zod';
import { type Environment, readConfiguration } from '../../src/operations/configuration.ts';

const ClusterSettings = z.object({
  /** Names the cluster. Asked for, so that nobody runs the suite on whatever cluster kubectl knows by default. */
  KUBECONFIG: z.string().min(1),
  TEST_CLUSTER_IMAGE: z.string().min(1),
  TEST_CLUSTER_JOB_IMAGE: z.string().min(1),
  /** Of the claims. Without one the suite makes folders on a node, and volumes of them. */
  TEST_CLUSTER_STORAGE_CLASS: z.string().min(1).optional(),
});
export type ClusterSettings = z.infer<typeof ClusterSettings>;

/** Throws CONFIGURATION_INVALID with all that is missing. */
export function readClusterSettings(environment: Environment): ClusterSettings {
  return readConfiguration(ClusterSettings, environment);
}

/** The chart's values for `registry.example/holdfast:1.2@sha256:…`. */
export function imageValues(reference: string): { repository: string; tag: string; digest: string } {
  const [, repository = reference, tag = '', digest = ''] = /^(.+?)(?::([\w.-]+))?(?:@(sha256:[0-9a-f]{64}))?$/.exec(reference) ?? [];
  return { repository, tag, digest };
}
