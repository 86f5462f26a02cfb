import type { Json, JsonObject } from './api-object.ts';

/** How the fields of a message are numbered and what they hold; from `generated.proto` of k8s.io/api and k8s.io/apimachinery. */
type Field = readonly [name: string, holds: 'string' | 'bytes' | 'bool' | 'int' | Message | 'strings' | 'map' | 'bytes-map'];
type Message = { readonly [number: number]: Field };

const objectMeta: Message = {
  1: ['name', 'string'], 2: ['generateName', 'string'], 3: ['namespace', 'string'], 5: ['uid', 'string'], 6: ['resourceVersion', 'string'], 11: ['labels', 'map'], 12: ['annotations', 'map'], 14: ['finalizers', 'strings'],
};
const attributes: Message = { 1: ['namespace', 'string'], 2: ['verb', 'string'], 3: ['group', 'string'], 4: ['version', 'string'], 5: ['resource', 'string'], 6: ['subresource', 'string'], 7: ['name', 'string'] };

/** What programs written in Go send so even when told that JSON is understood: helm's release records, and `kubectl create` and `auth can-i`. */
const messages: Readonly<Record<string, Message>> = {
  Secret: { 1: ['metadata', objectMeta], 2: ['data', 'bytes-map'], 3: ['type', 'string'], 4: ['stringData', 'map'], 5: ['immutable', 'bool'] },
  ConfigMap: { 1: ['metadata', objectMeta], 2: ['data', 'map'], 3: ['binaryData', 'bytes-map'], 4: ['immutable', 'bool'] },
  Namespace: { 1: ['metadata', objectMeta] },
  ServiceAccount: { 1: ['metadata', objectMeta] },
  SelfSubjectAccessReview: { 1: ['metadata', objectMeta], 2: ['spec', { 1: ['resourceAttributes', attributes] }] },
  DeleteOptions: { 1: ['gracePeriodSeconds', 'int'], 2: ['preconditions', { 1: ['uid', 'string'], 2: ['resourceVersion', 'string'] }], 4: ['propagationPolicy', 'string'] },
};

const magic = Buffer.from('k8s\0');

/** An object of Kubernetes' protobuf envelope; undefined for kinds that nothing here needs. */
export function decodeObject(body: Buffer): JsonObject | undefined {
  if (!body.subarray(0, 4).equals(magic)) return undefined;
  const envelope = decode(body.subarray(4), { 1: ['identity', { 1: ['apiVersion', 'string'], 2: ['kind', 'string'] }], 2: ['raw', 'bytes'] });
  const { apiVersion = '', kind = '' } = (envelope['identity'] ?? {}) as { readonly apiVersion?: string; readonly kind?: string };
  const message = messages[kind];
  return message === undefined ? undefined : { apiVersion, kind, ...decode(Buffer.from((envelope['raw'] ?? '') as string, 'base64'), message) };
}

function decode(bytes: Buffer, message: Message): Record<string, Json> {
  const object: Record<string, Json> = {};
  for (const { number, value } of fieldsOf(bytes)) {
    const field = message[number];
    if (field === undefined) continue;
    const [name, holds] = field;
    const before = object[name];
    if (holds === 'strings') object[name] = [...((before ?? []) as readonly Json[]), asBuffer(value).toString()];
    else if (holds === 'map' || holds === 'bytes-map') object[name] = { ...(before as JsonObject | undefined), ...entryOf(asBuffer(value), holds === 'map' ? 'string' : 'bytes') };
    else if (holds !== 'string' || asBuffer(value).length > 0) object[name] = single(value, holds);
  }
  return object;
}

function single(value: Buffer | bigint, holds: Exclude<Field[1], 'strings' | 'map' | 'bytes-map'>): Json {
  switch (holds) {
    case 'string': return asBuffer(value).toString();
    case 'bytes': return asBuffer(value).toString('base64');
    case 'bool': return value === 1n;
    case 'int': return Number(value);
    default: return decode(asBuffer(value), holds);
  }
}

function entryOf(bytes: Buffer, holds: 'string' | 'bytes'): JsonObject {
  const { key = '', value = '' } = decode(bytes, { 1: ['key', 'string'], 2: ['value', holds] });
  return { [key as string]: value };
}

function asBuffer(value: Buffer | bigint): Buffer {
  return typeof value === 'bigint' ? Buffer.alloc(0) : value;
}

/** The wire format: varints (0) and length-delimited (2) are all that these messages use. */
function* fieldsOf(bytes: Buffer): Iterable<{ readonly number: number; readonly value: Buffer | bigint }> {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++] ?? 0;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const read = varint();
    if (tag % 8 === 0) {
      yield { number: tag >> 3, value: read };
      continue;
    }
    const end = at + Number(read);
    yield { number: tag >> 3, value: bytes.subarray(at, end) };
    at = end;
  }
}
