import type { ApiObject, Json } from '../api-object.ts';
import { conformBuiltIn } from '../built-in/conform.ts';
import { badRequest, invalid } from '../refusal.ts';
import type { ResourceType } from '../resource-types.ts';
import { complete, prune } from './prune.ts';
import { checkRules } from './rules.ts';
import { validate } from './validate.ts';

export interface ConformOptions {
  /** Refuses unknown fields instead of dropping them: `fieldValidation=Strict`. */
  readonly strict: boolean;
}

/** The object as it is stored: pruned, completed by defaults, found valid. Throws a refusal otherwise. */
export function conform(type: ResourceType, object: ApiObject, previous: ApiObject | undefined, { strict }: ConformOptions): ApiObject {
  if (type.schema === undefined) return conformBuiltIn(type, object, previous);
  const dropped: string[] = [];
  const { apiVersion, kind, metadata, ...content } = object;
  const pruned = prune(content as Json, type.schema, '', dropped);
  if (strict && dropped.length > 0) throw badRequest(`${type.kind} in version "${type.version}" cannot be handled as a ${type.kind}: strict decoding error: ${dropped.map((path) => `unknown field "${path}"`).join(', ')}`);
  const completed = complete(pruned, type.schema) as object;
  const conforming = { apiVersion, kind, metadata, ...completed } as ApiObject;
  const faults = validate(conforming as unknown as Json, type.schema, '');
  const causes = faults.length > 0 ? faults : checkRules(conforming as unknown as Json, previous as unknown as Json | undefined, type.schema, '');
  if (causes.length > 0) throw invalid(type, metadata.name ?? '', causes);
  return conforming;
}
