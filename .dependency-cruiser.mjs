const only = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

/** Who may import whom: docs/architecture.md tells why the pieces are cut this way. */
export default {
  forbidden: [
    only('no-cycles', 'A cycle means that two files are one concept, or that one of them knows too much.', {}, { circular: true }),
    only('operations-knows-nothing-of-ours', 'operations serves any service in production.', { path: '^src/operations/' }, { path: '^(src|jobs)/', pathNot: '^src/operations/' }),
    only('repository-knows-only-operations', 'The repository stores parts; it must not know databases, Kubernetes or the API.', { path: '^src/repository/' }, { path: '^(src|jobs)/', pathNot: '^src/(repository|operations)/' }),
    only('catalog-knows-only-repository-and-operations', 'The catalogue serves API and commands alike; it must not know HTTP routes or the cluster.', { path: '^src/catalog/' }, { path: '^(src|jobs)/', pathNot: '^src/(catalog|repository|operations)/' }),
    only('only-catalog-knows-the-orm', 'Whoever wants the catalogue asks by concept (accounts, tokens, audit), never by table.', { pathNot: '^src/catalog/' }, { path: 'node_modules/@mikro-orm/' }),
    only('kubernetes-knows-only-repository-and-operations', 'The cluster is read and written here; what for is decided by the controller, the API and the plugin.', { path: '^src/kubernetes/' }, { path: '^(src|jobs)/', pathNot: '^src/(kubernetes|repository|operations)/' }),
    only('only-kubernetes-knows-client-node', "Whoever wants the cluster asks by our client and types: client-node's watches stop silently and its types speak of dates that are text.", { pathNot: '^src/kubernetes/' }, { path: 'node_modules/@kubernetes/' }),
    only('controller-does-not-know-the-api', 'Two processes with rights of their own: neither may need what the other is allowed.', { path: '^src/controller/' }, { path: '^src/(api|plugin|catalog)/' }),
    only('api-does-not-know-the-controller', 'Two processes with rights of their own: neither may need what the other is allowed.', { path: '^src/api/' }, { path: '^src/(controller|plugin)/' }),
    only('plugin-knows-only-kubernetes-and-operations', "The plugin runs on a person's machine, with that person's rights in the cluster and nothing else.", { path: '^src/plugin/' }, { path: '^(src|jobs)/', pathNot: '^src/(plugin|kubernetes|operations)/' }),
    only('nobody-imports-the-plugin', 'It is a program, not a library.', { pathNot: '^src/plugin/' }, { path: '^src/plugin/' }),
    only('jobs-know-only-repository-and-operations', 'A job runs without API, catalogue and cluster.', { path: '^jobs/' }, { path: '^src/', pathNot: '^src/(repository|operations)/' }),
    only('src-never-imports-jobs', 'The job image is separate: the service never runs a dump.', { path: '^src/' }, { path: '^jobs/' }),
    only('engines-do-not-know-each-other', 'An engine is added or removed without touching another.', { path: '^jobs/engines/(postgres|sqlite)/' }, { path: '^jobs/engines/(postgres|sqlite)/', pathNot: '^jobs/engines/$1/' }),
    only('engines-do-not-know-commands', 'Engines serve commands, drills and tests alike.', { path: '^jobs/engines/' }, { path: '^jobs/', pathNot: '^jobs/engines/' }),
    only('one-file-knows-the-s3-sdk', 'The store port is the only view of an object store.', { pathNot: '^src/repository/stores/s3[.]ts$' }, { path: 'node_modules/(@aws-sdk|@smithy)' }),
    only('only-jobs-talk-to-postgres', 'The repository and operations never open a database.', { path: '^src/' }, { path: 'node_modules/pg/' }),
    only('one-folder-knows-sentry', 'Elsewhere error tracking is a port that may be off: nothing of Sentry is loaded then.', { pathNot: '^src/operations/sentry/' }, { path: 'node_modules/@sentry' }),
    only('no-dev-dependencies', 'What runs in production is installed in production.', { path: '^(src|jobs)/' }, { dependencyTypes: ['npm-dev'] }),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    parser: 'swc',
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { conditionNames: ['import', 'node', 'default', 'types'], extensions: ['.ts', '.js', '.json'] },
  },
};
