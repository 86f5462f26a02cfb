import { common } from '../../jest.config.js';

/** Never part of `npm test`: it works on the cluster that KUBECONFIG names. README.md says how. */
// oxlint-disable-next-line import/no-default-export -- jest takes the default export
export default {
  ...common,
  displayName: 'cluster',
  testMatch: ['<rootDir>/*.cluster.ts'],
  globalSetup: '<rootDir>/start.ts',
  globalTeardown: '<rootDir>/stop.ts',
  testTimeout: 900_000,
  bail: false,
};
