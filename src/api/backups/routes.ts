import type { Router } from '@koa/router';
import type { z } from 'zod';
import { concernsOf } from '../../kubernetes/resources/concerns.ts';
import { type KindName, kinds, type Resource } from '../../kubernetes/resources/kinds.ts';
import { annotations } from '../../kubernetes/resources/names.ts';
import { newRunName } from '../../kubernetes/resources/run-names.ts';
import { summarizeBackup, summarizeDrill, summarizeRepository, summarizeRestore, summarizeSchedule } from '../../kubernetes/resources/summaries.ts';
import type { ServiceState } from '../../operations/http/service.ts';
import { validate } from '../../operations/http/validate.ts';
import { waitingOf } from '../../operations/http/waiting.ts';
import type { ApiDependencies } from '../api-dependencies.ts';
import { audited } from '../auditing.ts';
import { type ClusterAccess, requireClusterAccess, requireListAccess } from '../cluster/cluster-access.ts';
import { keep, type Kept } from '../cluster/kept.ts';
import { listResources, type Order } from './list-resources.ts';
import { BackupRequest, DrillRequest, ResourceList, ResourceName, RestoreList, RestoreRequest, RunList, runRequest } from './schema.ts';

type Dependencies = ApiDependencies & { readonly cluster: ClusterAccess };

/** How one kind is served. */
interface View<Name extends KindName> {
  readonly path: string;
  readonly kind: Name;
  readonly order: Order;
  /** What a list takes: its page, the namespace, and fields of what is shown to choose by. */
  readonly list: typeof ResourceList | typeof RestoreList | typeof RunList;
  readonly present: (resource: Kept<Name>) => Readonly<Record<string, unknown>>;
}

/** How one kind of runs is asked for. */
interface Request<Name extends KindName> extends View<Name> {
  /** `backup`: in the audit. */
  readonly noun: string;
  readonly spec: z.ZodType<Resource<Name>['spec']>;
  /** What a run without a name is named after. */
  readonly about: (spec: Resource<Name>['spec']) => string;
}

/** The cluster's backups: lists from memory, what one asks for by name from the API server itself. */
export function addBackupRoutes(router: Router<ServiceState>, dependencies: Dependencies): void {
  const add = <Name extends KindName>(view: View<Name>): void => addReading(router, dependencies, view);
  const addRun = <Name extends KindName>(request: Request<Name>): void => {
    add(request);
    addRequest(router, dependencies, request);
  };
  add({ path: 'repositories', kind: 'BackupRepository', order: 'name', list: ResourceList, present: summarizeRepository });
  add({ path: 'schedules', kind: 'BackupSchedule', order: 'name', list: ResourceList, present: (schedule) => ({ ...summarizeSchedule(schedule), concerns: concernsOf(schedule, dependencies.now()).map(({ reason }) => reason) }) });
  const newest = { order: 'newest', list: RunList } as const;
  addRun({ ...newest, path: 'backups', kind: 'Backup', present: summarizeBackup, noun: 'backup', spec: BackupRequest, about: (spec) => spec.scheduleRef?.name ?? spec.sourceName ?? 'backup' });
  addRun({ ...newest, path: 'restores', kind: 'Restore', list: RestoreList, present: summarizeRestore, noun: 'restore', spec: RestoreRequest, about: (spec) => spec.sourceName });
  addRun({ ...newest, path: 'drills', kind: 'Drill', present: summarizeDrill, noun: 'drill', spec: DrillRequest, about: (spec) => spec.scheduleRef?.name ?? spec.sourceName ?? 'drill' });
}

function addReading<Name extends KindName>(router: Router<ServiceState>, { cluster }: Dependencies, { path, kind, order, list, present }: View<Name>): void {
  const resource = kinds[kind].plural;

  router.get(`/api/v1/${path}`, async (ctx) => {
    const { namespace, limit, after, ...filters } = validate(list, { ...ctx.query });
    await requireListAccess(cluster, ctx, { resource, namespace });
    const wanted = Object.entries(filters);
    const { items, next } = listResources(cluster.view.list(kind), {
      order,
      limit,
      after,
      passes: (each) => {
        if (namespace !== undefined && each.metadata.namespace !== namespace) return false;
        const shown = wanted.length === 0 ? {} : present(each);
        return wanted.every(([field, value]) => shown[field] === value);
      },
    });
    ctx.body = { items: items.map(present), next };
  });

  router.get(`/api/v1/${path}/:namespace/:name`, async (ctx) => {
    const name = validate(ResourceName, ctx.params);
    await requireClusterAccess(cluster, ctx, { verb: 'get', resource, ...name });
    ctx.body = present(keep(await cluster.client.get(kind, name, waitingOf(ctx))));
  });
}

function addRequest<Name extends KindName>(router: Router<ServiceState>, dependencies: Dependencies, { path, kind, noun, spec: specSchema, about, present }: Request<Name>): void {
  const { cluster, now } = dependencies;
  const schema = runRequest(specSchema);

  router.post(`/api/v1/${path}`, async (ctx) => {
    const { namespace, spec, name = newRunName(about(spec), now()) } = validate(schema, ctx.request.body);
    const { username } = await requireClusterAccess(cluster, ctx, { verb: 'create', resource: kinds[kind].plural, namespace });
    const metadata = { namespace, name, annotations: { [annotations.requestedBy]: username } };
    const created = await audited(dependencies, ctx, { action: `${noun}.request`, object: `${noun}:${namespace}/${name}` }, async () => cluster.client.create(kind, { metadata, spec }, waitingOf(ctx)));
    ctx.status = 201;
    ctx.set('Location', `/api/v1/${path}/${namespace}/${name}`);
    ctx.body = present(keep(created));
  });
}
