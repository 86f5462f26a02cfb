import { Router } from '@koa/router';
import { type Application, createApplication } from '../operations/application.ts';
import type { ServiceState } from '../operations/http/service.ts';
import { authenticateTokens, ownTokens } from './access.ts';
import { addAccountRoutes } from './accounts/routes.ts';
import type { ApiDependencies } from './api-dependencies.ts';
import { addAuditRoutes } from './audit/routes.ts';
import { addBackupRoutes } from './backups/routes.ts';
import { clusterTokens } from './cluster/cluster-tokens.ts';
import { addConsoleRoutes } from './console/routes.ts';
import { answeredFamilies } from './error-families.ts';
import { addSignInRoutes } from './sign-in/routes.ts';
import { addTokenRoutes } from './tokens/routes.ts';

/** The application: our routes, and who may make a request, in the treatment that any service gets. */
export function createApp(dependencies: ApiDependencies): Application {
  const router = new Router<ServiceState>();
  for (const add of [addConsoleRoutes, addSignInRoutes, addAccountRoutes, addTokenRoutes, addAuditRoutes]) add(router, dependencies);
  const { cluster, sessions } = dependencies;
  if (cluster) addBackupRoutes(router, { ...dependencies, cluster });
  const verifiers = [ownTokens(dependencies), ...(cluster ? [clusterTokens({ ...dependencies, ...cluster })] : [])];
  const signIn = [sessions.middleware, authenticateTokens(...verifiers)];
  return createApplication({ ...dependencies, router, signIn, errorFamilies: answeredFamilies });
}
