import * as clientModels from '@kubernetes/client-node';
import * as gatewayApi from '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1';
import * as monitoring from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1';
import * as admission from 'kubernetes-models/admissionregistration.k8s.io/v1';
import * as extensions from 'kubernetes-models/apiextensions.k8s.io/v1';
import * as apps from 'kubernetes-models/apps/v1';
import * as autoscaling from 'kubernetes-models/autoscaling/v2';
import * as batch from 'kubernetes-models/batch/v1';
import * as networking from 'kubernetes-models/networking.k8s.io/v1';
import * as policy from 'kubernetes-models/policy/v1';
import * as rbac from 'kubernetes-models/rbac.authorization.k8s.io/v1';
import * as core from 'kubernetes-models/v1';
import { type KindName, kinds } from '../../src/kubernetes/resources/kinds.ts';
import { apiVersion as ours } from '../../src/kubernetes/resources/names.ts';
import type { Manifest } from './chart.ts';

type Model = new (object: never) => { validate(): void };

/** Generated from the OpenAPI documents of Kubernetes, the Prometheus operator and the Gateway API: types and required fields. */
const models: Readonly<Record<string, object>> = {
  v1: core,
  'admissionregistration.k8s.io/v1': admission,
  'apiextensions.k8s.io/v1': extensions,
  'apps/v1': apps,
  'autoscaling/v2': autoscaling,
  'batch/v1': batch,
  'gateway.networking.k8s.io/v1': gatewayApi,
  'monitoring.coreos.com/v1': monitoring,
  'networking.k8s.io/v1': networking,
  'policy/v1': policy,
  'rbac.authorization.k8s.io/v1': rbac,
};

/** What the schemas of its kind say against an object: missing fields, wrong types, fields that there are not. */
export function problemsOf(manifest: Manifest): string[] {
  if (manifest.apiVersion === ours) return problemsOfOurs(manifest);
  const model = (models[manifest.apiVersion] as Record<string, Model> | undefined)?.[manifest.kind];
  if (!model) return [`there is no ${manifest.apiVersion} ${manifest.kind}`];
  const refused = refusals(model, manifest);
  return refused.length > 0 ? refused : unknownFields(manifest, manifest.apiVersion.endsWith('/v2') ? `V2${manifest.kind}` : `V1${manifest.kind}`);
}

function refusals(model: Model, manifest: Manifest): string[] {
  try {
    new model(manifest as never).validate();
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}

function problemsOfOurs({ kind, spec }: Manifest): string[] {
  return kinds[kind as KindName].spec.safeParse(spec).error?.issues.map(({ path, message }) => `spec.${path.join('.')}: ${message}`) ?? [];
}

interface ClientModel {
  readonly attributeTypeMap: readonly { readonly baseName: string; readonly type: string }[];
}

/** An API server warns of fields that it does not know, and drops them: a typing error would go unseen. Client-node's classes have all fields. Of objects whose types fit. */
function unknownFields(value: unknown, type: string, path = ''): string[] {
  const list = /^(?:Array|Set)<(.*)>$/.exec(type)?.[1];
  if (list !== undefined) return (value as unknown[]).flatMap((item, index) => unknownFields(item, list, `${path}[${index}]`));
  const map = /^\{ \[key: string\]: (.*); \}$/.exec(type)?.[1];
  if (map !== undefined) return Object.entries(value as object).flatMap(([key, item]) => unknownFields(item, map, `${path}.${key}`));
  const model = (clientModels as unknown as Record<string, ClientModel | undefined>)[type];
  if (!model?.attributeTypeMap || type === 'V1JSONSchemaProps') return [];
  return Object.entries(value as object).flatMap(([field, item]) => {
    const known = model.attributeTypeMap.find(({ baseName }) => baseName === field);
    return known ? unknownFields(item, known.type, `${path}.${field}`) : [`${path}.${field}: there is no such field`];
  });
}
