import type { IncomingMessage } from 'node:http';
import { buffer, json } from 'node:stream/consumers';
import type { Address } from './address.ts';
import type { ApiObject, Json } from './api-object.ts';
import { decodeObject } from './protobuf.ts';
import { badRequest, Refusal } from './refusal.ts';
import type { ResourceType } from './resource-types.ts';
import type { User } from './users.ts';

/** One request about a resource, understood. */
export interface Request {
  readonly user: User;
  readonly address: Address;
  readonly type: ResourceType;
  readonly verb: string;
  readonly query: URLSearchParams;
  readonly body: Json | undefined;
  readonly contentType: string;
  readonly manager: string;
  readonly asTable: boolean;
}

/** As rules of access name it. */
export function verbOf(method: string, { name }: Address, query: URLSearchParams): string {
  switch (method) {
    case 'GET': return ['1', 'true'].includes(query.get('watch') ?? '') ? 'watch' : name === undefined ? 'list' : 'get';
    case 'POST': return 'create';
    case 'PUT': return 'update';
    case 'PATCH': return 'patch';
    case 'DELETE': return name === undefined ? 'deletecollection' : 'delete';
    default: throw new Refusal(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource');
  }
}

export async function bodyOf(incoming: IncomingMessage): Promise<Json | undefined> {
  if (incoming.headers['content-length'] === '0' || (incoming.headers['content-length'] === undefined && incoming.headers['transfer-encoding'] === undefined)) return undefined;
  if (incoming.headers['content-type']?.includes('protobuf') === true) {
    const decoded = decodeObject(await buffer(incoming));
    if (decoded === undefined) throw new Refusal(415, 'UnsupportedMediaType', 'objects of this kind are understood as JSON only');
    return decoded;
  }
  try {
    return await json(incoming) as Json;
  } catch (error) {
    throw badRequest(`the body is not JSON: ${String(error)}`);
  }
}

/** The object of a body, with the address's namespace and name, which must not differ. */
export function objectOf(body: Json | undefined, type: ResourceType, namespace: string | undefined, name?: string): ApiObject {
  const object = body as unknown as ApiObject | undefined;
  if (object?.metadata === undefined) throw badRequest('the object has no metadata');
  if (object.kind !== undefined && object.kind !== type.kind) throw badRequest(`the object provided is unrecognized (must be of type ${type.kind}): it is ${object.kind}`);
  const { metadata } = object;
  if (namespace !== undefined && metadata.namespace !== undefined && metadata.namespace !== namespace) throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  if (name !== undefined && metadata.name !== undefined && metadata.name !== name) throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`);
  return { ...object, metadata: { ...metadata, ...(name !== undefined && { name }), ...(namespace !== undefined && { namespace }) } };
}

export function numberOf(query: URLSearchParams, name: string): number | undefined {
  const value = query.get(name);
  return value === null || value === '' ? undefined : Number(value);
}
