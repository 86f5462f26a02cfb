import type { ApiObject } from '../api-object.ts';
import { isEqual } from '../patches.ts';
import type { Cause } from '../refusal.ts';
import type { ResourceType } from '../resource-types.ts';
import { checkDefinition } from '../schema/definition-checks.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What the server refuses of its own kinds, as far as Holdfast could get it wrong. */
export function check({ kind, group }: ResourceType, object: ApiObject, previous: ApiObject | undefined): Cause[] {
  const spec = (object['spec'] ?? {}) as Fields;
  const before = previous?.['spec'] as Fields | undefined;
  switch (`${group}/${kind}`) {
    case 'batch/CronJob':
      return [...nameFaults(object, 52), ...cronJobFaults(spec)];
    case 'batch/Job':
      return [...nameFaults(object, 63), ...jobFaults(spec, 'spec'), ...['selector', 'completionMode', 'podFailurePolicy'].flatMap((field) => immutable(spec, before, field)), ...(before?.['suspend'] === true ? [] : immutable(spec, before, 'template'))];
    case 'coordination.k8s.io/Lease':
      return leaseFaults(spec);
    case 'events.k8s.io/Event':
      return eventFaults(object, previous);
    case 'apiextensions.k8s.io/CustomResourceDefinition':
      return checkDefinition(spec, object.metadata.name ?? '');
    default:
      return nameFaults(object, 253);
  }
}

function nameFaults({ metadata: { name = '', labels = {} } }: ApiObject, longest: number): Cause[] {
  return [
    ...(name.length > longest ? [{ reason: 'FieldValueInvalid', field: 'metadata.name', message: `Invalid value: "${name}": must be no more than ${longest} characters` }] : []),
    ...labelFaults(labels, 'metadata.labels'),
  ];
}

function labelFaults(labels: Readonly<Record<string, string>> = {}, field: string): Cause[] {
  const bad = Object.entries(labels).filter(([, value]) => !/^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/.test(value) || value.length > 63);
  return bad.map(([label, value]) => ({ reason: 'FieldValueInvalid', field, message: `Invalid value: "${value}": of ${label}: a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', 63 at most` }));
}

function cronJobFaults(spec: Fields): Cause[] {
  const schedule = textOf(spec['schedule']);
  const fields = schedule.trim().split(/\s+/);
  const job = ((spec['jobTemplate'] as Fields | undefined)?.['spec'] ?? {}) as Fields;
  return [
    ...(schedule.includes('TZ') ? [invalidField('spec.schedule', schedule, 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead')] : []),
    ...(schedule.startsWith('@') || (fields.length === 5 && fields.every((field) => /^[-0-9A-Za-z*,/?]+$/.test(field) && !/\bH\b/.test(field))) ? [] : [invalidField('spec.schedule', schedule, 'expected exactly 5 fields')]),
    ...(['Allow', 'Forbid', 'Replace'].includes(textOf(spec['concurrencyPolicy'])) ? [] : [invalidField('spec.concurrencyPolicy', spec['concurrencyPolicy'], 'must be one of Allow, Forbid, Replace')]),
    ...timeZoneFaults(spec['timeZone']),
    ...jobFaults(job, 'spec.jobTemplate.spec'),
  ];
}

function timeZoneFaults(zone: unknown): Cause[] {
  if (zone === undefined) return [];
  try {
    Intl.DateTimeFormat('en', { timeZone: textOf(zone) });
    return [];
  } catch {
    return [invalidField('spec.timeZone', zone, `unknown time zone ${textOf(zone)}`)];
  }
}

function jobFaults(spec: Fields, path: string): Cause[] {
  const pod = ((spec['template'] as Fields | undefined)?.['spec'] ?? {}) as Fields;
  const containers = (pod['containers'] ?? []) as readonly Fields[];
  const volumes = new Set(((pod['volumes'] ?? []) as readonly Fields[]).map(({ name }) => name));
  const mounts = containers.flatMap((container) => ((container['volumeMounts'] ?? []) as readonly Fields[]).map(({ name }) => name));
  return [
    ...(['Never', 'OnFailure'].includes(textOf(pod['restartPolicy'])) ? [] : [invalidField(`${path}.template.spec.restartPolicy`, pod['restartPolicy'], 'Unsupported value: supported values: "OnFailure", "Never"')]),
    ...(spec['podFailurePolicy'] !== undefined && pod['restartPolicy'] !== 'Never' ? [invalidField(`${path}.podFailurePolicy`, 'policy', 'only restartPolicy Never may have one')] : []),
    ...policyFaults((spec['podFailurePolicy'] ?? {}) as Fields, new Set(containers.map(({ name }) => name)), `${path}.podFailurePolicy`),
    ...labelFaults(((spec['template'] as { readonly metadata?: { readonly labels?: Readonly<Record<string, string>> } } | undefined)?.metadata ?? {}).labels, `${path}.template.metadata.labels`),
    ...(containers.length === 0 ? [{ reason: 'FieldValueRequired', field: `${path}.template.spec.containers`, message: 'Required value' }] : []),
    ...containers.filter(({ name, image }) => name === undefined || image === undefined).map(() => ({ reason: 'FieldValueRequired', field: `${path}.template.spec.containers`, message: 'Required value: name and image' })),
    ...mounts.filter((name) => !volumes.has(name)).map((name) => ({ reason: 'FieldValueNotFound', field: `${path}.template.spec.containers[0].volumeMounts`, message: `Not found: ${JSON.stringify(name)}` })),
  ];
}

function policyFaults(policy: Fields, containers: ReadonlySet<unknown>, path: string): Cause[] {
  const rules = (policy['rules'] ?? []) as readonly { readonly action?: string; readonly onExitCodes?: { readonly containerName?: string; readonly operator?: string; readonly values?: readonly number[] }; readonly onPodConditions?: readonly unknown[] }[];
  return rules.flatMap(({ action, onExitCodes, onPodConditions }) => {
    const { containerName, operator = '', values = [] } = onExitCodes ?? {};
    const isAscending = values.every((value, index) => index === 0 || value > (values[index - 1] ?? 0));
    return [
      ...(['FailJob', 'FailIndex', 'Ignore', 'Count'].includes(action ?? '') ? [] : [invalidField(`${path}.rules.action`, action, 'Unsupported value')]),
      ...((onExitCodes === undefined) === ((onPodConditions ?? []).length === 0) ? [invalidField(`${path}.rules`, action, 'specifying one of OnExitCodes and OnPodConditions is required')] : []),
      ...(containerName === undefined || containers.has(containerName) ? [] : [invalidField(`${path}.rules.onExitCodes.containerName`, containerName, 'must be one of the container or initContainer names in the pod template')]),
      ...(onExitCodes === undefined || (['In', 'NotIn'].includes(operator) && values.length > 0 && isAscending && !(operator === 'In' && values.includes(0))) ? [] : [invalidField(`${path}.rules.onExitCodes.values`, values, 'must be ordered, unique, and without 0')]),
    ];
  });
}

function immutable(spec: Fields, before: Fields | undefined, field: string): Cause[] {
  return before === undefined || isEqual(spec[field], before[field]) ? [] : [invalidField(`spec.${field}`, '…', 'field is immutable')];
}

/** The server reads these times with exactly six digits of a second, and refuses others. */
const microTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}(Z|[+-]\d{2}:\d{2})$/;

function leaseFaults(spec: Fields): Cause[] {
  const duration = spec['leaseDurationSeconds'];
  return [
    ...['acquireTime', 'renewTime'].filter((field) => spec[field] !== undefined && spec[field] !== null && !microTime.test(textOf(spec[field]))).map((field) => invalidField(`spec.${field}`, spec[field], 'cannot be parsed as a time with microseconds')),
    ...(duration !== undefined && duration !== null && Number(duration) <= 0 ? [invalidField('spec.leaseDurationSeconds', duration, 'must be greater than 0')] : []),
  ];
}

function eventFaults(event: ApiObject, previous: ApiObject | undefined): Cause[] {
  const required = (field: string): Cause[] => (event[field] === undefined || event[field] === '' ? [{ reason: 'FieldValueRequired', field, message: 'Required value' }] : []);
  const regarding = event['regarding'] as Fields | undefined;
  const [note, action, reason] = ['note', 'action', 'reason'].map((field) => textOf(event[field]));
  const changed = previous === undefined ? [] : ['regarding', 'reason', 'note', 'action', 'type', 'reportingController'].filter((field) => !isEqual(event[field], previous[field]));
  return [
    ...['eventTime', 'reportingController', 'reportingInstance', 'action', 'reason', 'type'].flatMap(required),
    ...(microTime.test(textOf(event['eventTime'])) ? [] : [invalidField('eventTime', event['eventTime'], 'cannot be parsed as a time with microseconds')]),
    ...(['Normal', 'Warning'].includes(textOf(event['type'])) ? [] : [invalidField('type', event['type'], 'must be Normal or Warning')]),
    ...((regarding?.['namespace'] ?? 'default') === event.metadata.namespace ? [] : [invalidField('regarding.namespace', regarding?.['namespace'], 'does not match event.namespace')]),
    ...(Buffer.byteLength(note ?? '') > 1024 ? [invalidField('note', 'note', 'can have at most 1024 bytes')] : []),
    ...(textOf(event['reportingInstance']).length > 128 ? [invalidField('reportingInstance', event['reportingInstance'], 'can have at most 128 characters')] : []),
    ...((action?.length ?? 0) > 128 || (reason?.length ?? 0) > 128 ? [invalidField('action', action, 'action and reason can have at most 128 characters')] : []),
    ...changed.map((field) => invalidField(field, event[field], 'field is immutable')),
  ];
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function invalidField(field: string, value: unknown, why: string): Cause {
  return { reason: 'FieldValueInvalid', field, message: `Invalid value: ${JSON.stringify(value)}: ${why}` };
}
