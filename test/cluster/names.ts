/** Everything that the suite makes in the cluster has one of these names, or lies in one of these namespaces. */
export const names = {
  release: 'holdfast',
  namespace: 'holdfast-e2e',
  /** Where folders on a node are made and removed: the one namespace that may. */
  volumesNamespace: 'holdfast-e2e-volumes',
  storageClass: 'holdfast-e2e',
  volume: 'holdfast-e2e-repository',
  repositoryClaim: 'e2e-repository',
  repository: 'main',
  schedule: 'shop',
  keys: 'e2e-keys',
  identity: 'e2e-identity',
  database: 'e2e-database',
  /** The database's address, and that of one to restore into. */
  address: 'e2e-address',
  targetAddress: 'e2e-target-address',
} as const;
