import type { ApiObject } from '../api-object.ts';
import type { ResourceType } from '../resource-types.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Fills in what the server does: without it "what was applied is what is there" would hold too easily. */
export function withDefaults({ kind, group }: ResourceType, object: ApiObject): ApiObject {
  const spec = object['spec'] as Fields | undefined;
  switch (`${group}/${kind}`) {
    case 'batch/CronJob':
      return { ...object, spec: cronJobSpec(spec ?? {}) };
    case 'batch/Job':
      return { ...object, spec: jobSpec(spec ?? {}, object) };
    case 'apps/Deployment':
    case 'apps/StatefulSet':
      return { ...object, spec: { replicas: 1, revisionHistoryLimit: 10, ...spec, template: template(spec?.['template'] as Fields | undefined) } };
    case '/Pod':
      return { ...object, spec: podSpec(spec ?? {}), status: object['status'] ?? { phase: 'Pending' } };
    case '/Namespace':
      return { ...object, metadata: { ...object.metadata, labels: { 'kubernetes.io/metadata.name': object.metadata.name ?? '', ...object.metadata.labels } }, spec: { finalizers: ['kubernetes'] }, status: object['status'] ?? { phase: 'Active' } };
    case '/PersistentVolumeClaim':
      return { ...object, spec: { volumeMode: 'Filesystem', ...spec }, status: object['status'] ?? { phase: 'Pending' } };
    case '/Secret':
      return secret(object);
    default:
      return object;
  }
}

function cronJobSpec(spec: Fields): Fields {
  const jobTemplate = (spec['jobTemplate'] ?? {}) as Fields;
  const job = (jobTemplate['spec'] ?? {}) as Fields;
  return {
    concurrencyPolicy: 'Allow', suspend: false, successfulJobsHistoryLimit: 3, failedJobsHistoryLimit: 1,
    ...spec,
    jobTemplate: { metadata: {}, ...jobTemplate, spec: { ...job, ...policy(job), template: template(job['template'] as Fields | undefined) } },
  };
}

/** With the selector that the server makes of the Job's uid, on its pods too. */
function jobSpec(spec: Fields, { metadata: { uid = '', name = '' } }: ApiObject): Fields {
  const own = { 'batch.kubernetes.io/controller-uid': uid, 'batch.kubernetes.io/job-name': name, 'controller-uid': uid, 'job-name': name };
  const pods = template(spec['template'] as Fields | undefined);
  const metadata = (pods['metadata'] ?? {}) as { readonly labels?: Fields };
  return {
    parallelism: 1, completions: 1, backoffLimit: 6, completionMode: 'NonIndexed', suspend: false, podReplacementPolicy: spec['podFailurePolicy'] === undefined ? 'TerminatingOrFailed' : 'Failed', manualSelector: false,
    selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': uid } },
    ...spec, ...policy(spec),
    template: { ...pods, metadata: { ...metadata, labels: { ...metadata.labels, ...own } } },
  };
}

/** Rules of a pod failure policy: a condition's status is True where not given. */
function policy(job: Fields): Fields {
  const given = job['podFailurePolicy'] as { readonly rules?: readonly (Fields & { readonly onPodConditions?: readonly Fields[] })[] } | undefined;
  if (given?.rules === undefined) return {};
  const rules = given.rules.map((rule) => (rule.onPodConditions === undefined ? rule : { ...rule, onPodConditions: rule.onPodConditions.map((condition) => ({ status: 'True', ...condition })) }));
  return { podFailurePolicy: { ...given, rules } };
}

function template(given: Fields = {}): Fields {
  return { metadata: {}, ...given, spec: podSpec((given['spec'] ?? {}) as Fields) };
}

function podSpec(spec: Fields): Fields {
  const containers = (list: unknown): readonly Fields[] | undefined => (list as readonly Fields[] | undefined)?.map(container);
  const account = spec['serviceAccountName'] ?? spec['serviceAccount'];
  return {
    restartPolicy: 'Always', terminationGracePeriodSeconds: 30, dnsPolicy: 'ClusterFirst', schedulerName: 'default-scheduler', securityContext: {},
    ...spec,
    ...(account !== undefined && { serviceAccountName: account, serviceAccount: account }),
    containers: containers(spec['containers']) ?? [],
    ...(spec['initContainers'] !== undefined && { initContainers: containers(spec['initContainers']) }),
    ...(spec['volumes'] !== undefined && { volumes: (spec['volumes'] as readonly Fields[]).map(volume) }),
  };
}

function container(given: Fields): Fields {
  const image = typeof given['image'] === 'string' ? given['image'] : '';
  const floating = !image.includes('@') && (!/:[^/]+$/.test(image) || image.endsWith(':latest'));
  return { terminationMessagePath: '/dev/termination-log', terminationMessagePolicy: 'File', imagePullPolicy: floating ? 'Always' : 'IfNotPresent', resources: {}, ...given };
}

function volume(given: Fields): Fields {
  const withMode = (name: string): Fields => (given[name] === undefined ? {} : { [name]: { defaultMode: 0o644, ...(given[name] as Fields) } });
  return { ...given, ...withMode('secret'), ...withMode('configMap'), ...withMode('projected') };
}

/** `stringData` is a way to write `data`, and is not kept. */
function secret(object: ApiObject): ApiObject {
  const { stringData, ...rest } = object as ApiObject & { readonly stringData?: Readonly<Record<string, string>> };
  const encoded = Object.fromEntries(Object.entries(stringData ?? {}).map(([name, value]) => [name, Buffer.from(value).toString('base64')]));
  return { ...rest, type: object['type'] ?? 'Opaque', ...((stringData !== undefined || object['data'] !== undefined) && { data: { ...(object['data'] as Fields | undefined), ...encoded } }) };
}
