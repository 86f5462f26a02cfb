import { describe, expect, test } from '@jest/globals';
import { translateRefusal, translateWatchError } from '../../src/kubernetes/translate-refusal.ts';

const asked = { verb: 'create', kind: 'Job', name: { namespace: 'shop', name: 'backup-a' } } as const;
const status = (fields: object) => JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', ...fields });

describe('translateRefusal', () => {
  test('tells a namespace that is ending from a right that is missing', () => {
    const message = 'jobs.batch "backup-a" is forbidden: unable to create new content in namespace shop because it is being terminated';
    const ending = status({ reason: 'Forbidden', code: 403, message, details: { name: 'backup-a', causes: [{ reason: 'NamespaceTerminating', field: 'metadata.namespace' }] } });
    expect(translateRefusal(403, ending, asked)).toMatchObject({ code: 'NAMESPACE_ENDING', retryable: false });
    expect(translateRefusal(403, status({ reason: 'Forbidden', message: 'no' }), asked)).toMatchObject({ code: 'CLUSTER_FORBIDDEN', message: 'Not allowed to create Job shop/backup-a: no' });
  });

  test("takes a proxy's page for a server that is away, and quotes only its beginning", () => {
    const error = translateRefusal(502, `<html>${'x'.repeat(100_000)}`, asked);
    expect(error).toMatchObject({ code: 'CLUSTER_UNAVAILABLE', retryable: true });
    expect(error.message.length).toBeLessThan(2_200);
  });

  test('a path that is not served is a kind that is not installed', () => {
    expect(translateRefusal(404, '404 page not found\n', asked).code).toBe('KIND_NOT_INSTALLED');
    expect(translateRefusal(404, status({ reason: 'NotFound', details: { name: 'backup-a', kind: 'jobs' } }), asked).code).toBe('OBJECT_NOT_FOUND');
  });

  test("an apply's conflict names who owns the field", () => {
    const message = 'Apply failed with 1 conflict: conflict with "kubectl" using batch/v1: .spec.suspend';
    expect(translateRefusal(409, status({ reason: 'Conflict', message }), asked)).toMatchObject({ code: 'OBJECT_CONFLICT', message: expect.stringContaining('conflict with "kubectl"') });
  });

  test('what does not fit its kind is refused, though the server calls it an error of its own', () => {
    const message = 'failed to create typed patch object (shop/shop-backup; batch/v1, Kind=CronJob): .spec.jobTemplate.spec.template.spec.affinity.nodeAffinty: field not declared in schema';
    expect(translateRefusal(500, status({ message, code: 500 }), asked)).toMatchObject({ code: 'OBJECT_REFUSED', retryable: false, message: expect.stringContaining('nodeAffinty') });
  });

  test.each([
    [{ kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' }, 'WATCH_EXPIRED'],
    [{ kind: 'Status', code: 500, message: 'unexpected EOF' }, 'CLUSTER_UNAVAILABLE'],
    [undefined, 'CLUSTER_UNAVAILABLE'],
  ])('an error inside of a watch: %p', (object, code) => {
    expect(translateWatchError(object, { ...asked, verb: 'watch' }).code).toBe(code);
  });
});
