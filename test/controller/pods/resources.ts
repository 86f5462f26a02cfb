import type { JobSettings } from '../../../src/kubernetes/resources/fields.ts';
import { type KindName, kinds, type Resource } from '../../../src/kubernetes/resources/kinds.ts';
import { apiVersion } from '../../../src/kubernetes/resources/names.ts';
import type { PodSettings } from '../../../src/controller/pods/settings.ts';

export const podSettings: PodSettings = { image: 'registry.example.com/holdfast-job:1.2.3', imagePullPolicy: 'IfNotPresent', version: '1.2.3', userId: 65_532 };

/** A resource as the API server gives it: with defaults, a uid and a time. */
export function resourceOf<Name extends KindName>(kind: Name, name: string, spec: object, rest: { readonly status?: object; readonly annotations?: Record<string, string> } = {}): Resource<Name> {
  const { status, annotations } = rest;
  const metadata = { name, namespace: 'team', uid: `uid-of-${name}`, creationTimestamp: '2026-03-01T10:00:00Z', ...(annotations && { annotations }) };
  return { apiVersion, kind, metadata, spec: kinds[kind].spec.parse(spec), ...(status && { status }) } as unknown as Resource<Name>;
}

export const volumeRepository = (jobs?: JobSettings): Resource<'BackupRepository'> =>
  resourceOf('BackupRepository', 'main', { volume: { claimName: 'backups' }, keysSecret: { name: 'keys' }, identitySecret: { name: 'identity' }, ...(jobs && { jobs }) });
