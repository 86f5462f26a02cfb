/** What a path names: `/apis/<group>/<version>[/namespaces/<namespace>]/<plural>[/<name>[/<subresource>]]`. */
export interface Address {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
}

/** Undefined where the path names no resource (discovery, probes). */
export function parseAddress(path: string): Address | undefined {
  const [root, ...rest] = path.split('/').filter((step) => step !== '').map(decodeURIComponent);
  if (root !== 'api' && root !== 'apis') return undefined;
  const group = root === 'api' ? '' : (rest.shift() ?? '');
  const [version, ...steps] = rest;
  if (version === undefined || steps.length === 0) return undefined;
  const inNamespace = steps[0] === 'namespaces' && steps.length > 2 && !(steps.length === 3 && namespaceSubresources.has(steps[2] ?? ''));
  const [plural, name, subresource, ...further] = inNamespace ? steps.slice(2) : steps;
  if (plural === undefined || further.length > 0) return undefined;
  return {
    group, version, plural,
    ...(inNamespace && { namespace: steps[1] ?? '' }),
    ...(name !== undefined && { name }),
    ...(subresource !== undefined && { subresource }),
  };
}

const namespaceSubresources: ReadonlySet<string> = new Set(['status', 'finalize']);
