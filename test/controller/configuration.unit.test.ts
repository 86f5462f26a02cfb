import { expect, test } from '@jest/globals';
import { podSettingsOf, readControllerConfiguration } from '../../src/controller/configuration.ts';

const least = { HOLDFAST_JOB_IMAGE: 'registry/holdfast-job:1', HOLDFAST_LEASE_NAMESPACE: 'holdfast', HOLDFAST_IDENTITY: 'pod-1' };

test('has a default for all but image, lease and identity', () => {
  expect(readControllerConfiguration(least)).toMatchObject({ HOLDFAST_WATCH_NAMESPACES: [], HOLDFAST_LEASE_NAME: 'holdfast-controller', HOLDFAST_MANAGEMENT_PORT: 8081 });
  expect(podSettingsOf(readControllerConfiguration(least), '1.2.3')).toMatchObject({ image: 'registry/holdfast-job:1', imagePullPolicy: 'IfNotPresent', userId: 65_532, version: '1.2.3' });
});

test('reads lists, quantities, and pods whose user the platform assigns', () => {
  const variables = readControllerConfiguration({ ...least, HOLDFAST_WATCH_NAMESPACES: 'shop, blog,', HOLDFAST_JOB_RESOURCES: '{"requests":{"cpu":"1"}}', HOLDFAST_JOB_USER_ID: 'platform' });
  expect(variables.HOLDFAST_WATCH_NAMESPACES).toEqual(['shop', 'blog']);
  expect(podSettingsOf(variables, '1')).toMatchObject({ resources: { requests: { cpu: '1' } }, userId: undefined });
});

test('names every bad variable at once', () => {
  expect(() => readControllerConfiguration({ HOLDFAST_JOB_RESOURCES: '{', HOLDFAST_JOB_USER_ID: 'root' })).toThrow(/HOLDFAST_JOB_IMAGE.*HOLDFAST_JOB_RESOURCES.*HOLDFAST_JOB_USER_ID.*HOLDFAST_LEASE_NAMESPACE.*HOLDFAST_IDENTITY/);
});
