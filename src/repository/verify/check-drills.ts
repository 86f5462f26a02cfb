import { mapConcurrently } from '../concurrency.ts';
import { listDrillObjects, readDrillPage, readDrills } from '../drills/read-drills.ts';
import type { DrillDocument } from '../drills/drill-document.ts';
import { readsAtOnce } from '../manifest/heads.ts';
import type { ManifestHead } from '../manifest/manifest.ts';
import { drillKey, drillPageKey, nameOf } from '../manifest/object-keys.ts';
import type { Scope } from './check-heads.ts';
import { describeDamage, type ManifestCheck } from './check-manifest.ts';

/** Checks the reports of drills of these backups, and the pages beside them. A report that somebody deleted is not missed. */
export async function checkDrills(check: ManifestCheck, heads: readonly ManifestHead[], { source, backup }: Scope): Promise<void> {
  const { repository, findings, signal } = check;
  const objects = await listDrillObjects(repository, { source: backup?.source ?? source, ...(backup && { id: backup.id }), signal });
  const drilled = new Set(objects.map(nameOf));
  const ofDrilled = heads.filter((head) => drilled.has(nameOf(head)));
  await mapConcurrently(ofDrilled, { limit: readsAtOnce, signal }, async (head) => {
    for (const drill of await readDrills(repository, head, { signal })) {
      if (drill.state === 'ok') await checkPage(check, drill.document);
      else findings.add({ object: drillKey(drill), kind: 'drill', problem: drill.problem, reason: drill.reason, backups: [nameOf(head)] });
    }
  });
}

/** Without an identity only that the page is there with its size. */
async function checkPage({ repository, canRead, findings, signal }: ManifestCheck, document: DrillDocument): Promise<void> {
  const object = drillPageKey(document, document.page.ending);
  const finding = { object, kind: 'drill', backups: [nameOf(document)] } as const;
  if (canRead) {
    await readDrillPage(repository, document, { signal }).catch((error: unknown) => findings.add({ ...finding, ...describeDamage(error) }));
    return;
  }
  const stored = await repository.store.stat(object, { signal });
  if (!stored) findings.add({ ...finding, problem: 'missing' });
  else if (stored.size !== document.page.size) findings.add({ ...finding, problem: 'wrong-size', reason: `it has ${stored.size} bytes instead of ${document.page.size}` });
}
