import type { OwnerReference, Resource } from '../../kubernetes/resources/kinds.ts';

/** What is made for a resource goes with it. Without `blockOwnerDeletion`, which would need a right on finalizers. */
export function ownedBy({ apiVersion, kind, metadata }: Resource): OwnerReference {
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid ?? '', controller: true };
}
