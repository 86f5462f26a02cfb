import type { ApiObject } from '../api-object.ts';
import type { ResourceType } from '../resource-types.ts';

/** The object as it is stored: pruned, completed by defaults, found valid. Throws a refusal otherwise. */
export function conform(_type: ResourceType, object: ApiObject, _previous: ApiObject | undefined): ApiObject {
  return object;
}
