export const common = {
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2024' }, module: { type: 'es6' } }],
  },
  testEnvironment: 'node',
};

/** `unit` needs nothing but Node; `services` gets real databases and stores from test/services/start.ts. */
export default {
  projects: [
    { ...common, displayName: 'unit', testMatch: ['<rootDir>/test/**/*.unit.test.ts'] },
    {
      ...common,
      displayName: 'services',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: ['\\.unit\\.test\\.ts$', '/node_modules/'],
      globalSetup: '<rootDir>/test/services/start.ts',
      globalTeardown: '<rootDir>/test/services/stop.ts',
    },
  ],
  testTimeout: 120_000,
  maxWorkers: 2,
};
