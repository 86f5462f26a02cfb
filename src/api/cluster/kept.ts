import type { KindName, Resource } from '../../kubernetes/resources/kinds.ts';
import type { Summarized } from '../../kubernetes/resources/summaries.ts';

/** What the service keeps of a resource: all that people and metrics read of it. */
export type Kept<Name extends KindName = KindName> = Summarized<Name>;

/** Leaves out what the API server keeps for itself (managed fields, most of all), which is larger than the rest. */
export function keep<Name extends KindName>({ metadata, spec, status }: Resource<Name>): Kept<Name> {
  const { name, namespace, creationTimestamp, labels } = metadata;
  return {
    metadata: { name, namespace, ...(creationTimestamp !== undefined && { creationTimestamp }), ...(labels !== undefined && { labels }) },
    spec,
    ...(status !== undefined && { status }),
  };
}
