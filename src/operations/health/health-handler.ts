import type { ServiceContext } from '../http/service.ts';
import { type ServiceIdentity, healthDocument } from './health-document.ts';
import type { Health } from './health.ts';
import { healthJson } from './health-json.ts';

const documentType = 'application/health+json';

/**
 * Answers `GET /core/health/` with the health JSON, or `application/health+json` when the request asks for it: 200 when
 * healthy or degraded, 503 when unhealthy. It only reads the last results, so it costs the same however often it is asked.
 */
export function healthHandler(health: Health, identity: ServiceIdentity): (ctx: ServiceContext) => void {
  return (ctx) => {
    const report = health.report();
    ctx.status = report.status === 'unhealthy' ? 503 : 200;
    ctx.set('Cache-Control', 'no-store');
    ctx.vary('Accept');
    // A reader that accepts neither gets JSON: a monitor with a careless Accept header still needs to know.
    if (ctx.accepts('application/json', documentType) === documentType) {
      ctx.body = JSON.stringify(healthDocument(report, identity));
      ctx.type = documentType;
    } else {
      ctx.body = healthJson(report, { verbose: 'verbose' in ctx.query });
    }
  };
}
