import type { ObjectMeta, OwnerReference, Resource } from '../kubernetes/resources/kinds.ts';

interface Owned {
  readonly metadata: Pick<ObjectMeta, 'ownerReferences'>;
}

/** The one owner that brings an object about. */
export function controllerOf({ metadata }: Owned): OwnerReference | undefined {
  return metadata.ownerReferences?.find((reference) => reference.controller === true);
}

/** Whether an object was made for this very owner: one of the same name, deleted and made anew, has another uid. */
export function isOwnedBy(object: Owned, owner: { readonly metadata: Pick<ObjectMeta, 'uid'> }): boolean {
  return owner.metadata.uid !== undefined && controllerOf(object)?.uid === owner.metadata.uid;
}

/** For who acts on an object that is going: nothing is made for it any more. */
export function isGoing({ metadata }: Pick<Resource, 'metadata'>): boolean {
  return metadata.deletionTimestamp !== undefined;
}
