import type { Router } from '@koa/router';
import { healthHandler } from '../../operations/health/health-handler.ts';
import { errorCatalogue } from '../../operations/http/error-catalogue.ts';
import { errorCatalogueRoute } from '../../operations/http/error-catalogue-route.ts';
import type { ServiceState } from '../../operations/http/service.ts';
import { robotsHandler, robotsPath, securityTxtHandler, securityTxtPath } from '../../operations/security/security-txt.ts';
import type { ApiDependencies } from '../api-dependencies.ts';
import { answeredFamilies } from '../error-families.ts';

/** What the service tells of itself, to anybody. */
export function addAboutRoutes(router: Router<ServiceState>, { health, identity, hardening }: ApiDependencies): void {
  router.get('/core/health', healthHandler(health, identity));
  router.get('/errors', errorCatalogueRoute(errorCatalogue(answeredFamilies)));
  router.get(robotsPath, robotsHandler());
  if (hardening.securityTxt !== undefined) router.get(securityTxtPath, securityTxtHandler(hardening.securityTxt));
}
