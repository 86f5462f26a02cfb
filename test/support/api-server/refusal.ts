import type { ResourceType } from './resource-types.ts';

export interface Cause {
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}

/** What the server answers instead of an object: a `metav1.Status`, as clients decide by its reason. */
export class Refusal extends Error {
  readonly status: number;
  readonly reason: string;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(status: number, reason: string, message: string, details: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.status = status;
    this.reason = reason;
    this.details = details;
  }

  body(): object {
    return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message: this.message, reason: this.reason, details: this.details, code: this.status };
  }
}

/** `jobs.batch "nightly"`, as messages of the API name an object. */
function named(type: ResourceType, name: string): string {
  return `${type.plural}${type.group === '' ? '' : `.${type.group}`} "${name}"`;
}

function about(type: ResourceType, name: string): Record<string, unknown> {
  return { name, ...(type.group === '' ? {} : { group: type.group }), kind: type.plural };
}

export function notFound(type: ResourceType, name: string): Refusal {
  return new Refusal(404, 'NotFound', `${named(type, name)} not found`, about(type, name));
}

export function noSuchPath(): Refusal {
  return new Refusal(404, 'NotFound', 'the server could not find the requested resource');
}

export function alreadyExists(type: ResourceType, name: string): Refusal {
  return new Refusal(409, 'AlreadyExists', `${named(type, name)} already exists`, about(type, name));
}

export function modifiedMeanwhile(type: ResourceType, name: string): Refusal {
  return conflict(type, name, 'the object has been modified; please apply your changes to the latest version and try again');
}

export function conflict(type: ResourceType, name: string, why: string, causes: readonly Cause[] = []): Refusal {
  return new Refusal(409, 'Conflict', `Operation cannot be fulfilled on ${named(type, name)}: ${why}`, { ...about(type, name), ...(causes.length === 0 ? {} : { causes }) });
}

export function invalid(type: ResourceType, name: string, causes: readonly Cause[]): Refusal {
  const told = causes.map(({ field, message }) => `${field}: ${message}`);
  const list = told.length === 1 ? told[0] : `[${told.join(', ')}]`;
  return new Refusal(422, 'Invalid', `${type.kind}${type.group === '' ? '' : `.${type.group}`} "${name}" is invalid: ${list}`, {
    name, ...(type.group === '' ? {} : { group: type.group }), kind: type.kind, causes,
  });
}

export function forbidden(user: string, verb: string, type: ResourceType, { subresource, namespace, name, why = '' }: { readonly subresource?: string | undefined; readonly namespace?: string | undefined; readonly name?: string | undefined; readonly why?: string }): Refusal {
  const resource = subresource === undefined ? type.plural : `${type.plural}/${subresource}`;
  const where = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  const reason = why === '' ? `User "${user}" cannot ${verb} resource "${resource}" in API group "${type.group}" ${where}` : why;
  return new Refusal(403, 'Forbidden', `${named(type, name ?? '')} is forbidden: ${reason}`, about(type, name ?? ''));
}

export function unauthorized(): Refusal {
  return new Refusal(401, 'Unauthorized', 'Unauthorized');
}

export function badRequest(message: string): Refusal {
  return new Refusal(400, 'BadRequest', message);
}

export function expired(message = 'The resourceVersion for the provided list or watch is too old.'): Refusal {
  return new Refusal(410, 'Expired', message);
}
