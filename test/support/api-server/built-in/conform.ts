import type { ApiObject } from '../api-object.ts';
import { invalid } from '../refusal.ts';
import type { ResourceType } from '../resource-types.ts';
import { check } from './checks.ts';
import { withDefaults } from './defaults.ts';

/** What the server does with objects of its own kinds, as far as it matters to Holdfast. */
export function conformBuiltIn(type: ResourceType, object: ApiObject, previous: ApiObject | undefined): ApiObject {
  const completed = withDefaults(type, object);
  const causes = check(type, completed, previous);
  if (causes.length > 0) throw invalid(type, object.metadata.name ?? '', causes);
  return completed;
}
