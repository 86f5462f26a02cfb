import { healthErrors } from './health/health-errors.ts';
import type { CataloguedFamily } from './http/error-catalogue.ts';
import { httpErrors } from './http/http-errors.ts';
import { limitErrors } from './limits/limit-errors.ts';
import { managementErrors } from './management/management-errors.ts';
import { redisErrors } from './redis/redis-errors.ts';
import { securityErrors } from './security/security-errors.ts';

/** The families that any service of this layer may answer with, whatever it does. */
export const operationalFamilies: readonly CataloguedFamily[] = [
  { area: { en: 'Requests', zh: '请求' }, definitions: httpErrors.definitions },
  { area: { en: 'Security', zh: '安全' }, definitions: securityErrors.definitions },
  { area: { en: 'Limits', zh: '限流' }, definitions: limitErrors.definitions },
  { area: { en: 'Redis', zh: 'Redis' }, definitions: redisErrors.definitions },
  { area: { en: 'Health checks', zh: '健康检查' }, definitions: healthErrors.definitions },
  { area: { en: 'Management port', zh: '管理端口' }, definitions: managementErrors.definitions },
];
