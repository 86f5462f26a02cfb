import type { KindName, Resource } from '../../kubernetes/resources/kinds.ts';

/** What the service keeps of a resource: all that people and metrics read of it. */
export interface Kept<Name extends KindName = KindName> {
  readonly metadata: Pick<Resource['metadata'], 'name' | 'namespace' | 'creationTimestamp' | 'labels'>;
  readonly spec: Resource<Name>['spec'];
  readonly status?: Resource<Name>['status'];
}

/** Leaves out what the API server keeps for itself (managed fields, most of all), which is larger than the rest. */
export function keep<Name extends KindName>({ metadata, spec, status }: Resource<Name>): Kept<Name> {
  const { name, namespace, creationTimestamp, labels } = metadata;
  return {
    metadata: { name, namespace, ...(creationTimestamp !== undefined && { creationTimestamp }), ...(labels !== undefined && { labels }) },
    spec,
    ...(status !== undefined && { status }),
  };
}
