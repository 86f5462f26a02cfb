import { accountErrors } from '../catalog/account-errors.ts';
import { catalogErrors } from '../catalog/catalog-errors.ts';
import { tokenErrors } from '../catalog/token-errors.ts';
import type { CataloguedFamily } from '../operations/http/error-catalogue.ts';
import { httpErrors } from '../operations/http/http-errors.ts';
import { limitErrors } from '../operations/limits/limit-errors.ts';
import { passwordErrors } from '../operations/passwords/password-errors.ts';
import { redisErrors } from '../operations/redis/redis-errors.ts';
import { securityErrors } from '../operations/security/security-errors.ts';
import { serviceErrors } from './service-errors.ts';

/** Every family whose errors the service may answer with, for the catalogue at `/errors`. */
export const answeredFamilies: readonly CataloguedFamily[] = [
  { area: { en: 'Requests', zh: '请求' }, definitions: httpErrors.definitions },
  { area: { en: 'Security', zh: '安全' }, definitions: securityErrors.definitions },
  { area: { en: 'Limits', zh: '限流' }, definitions: limitErrors.definitions },
  { area: { en: 'Accounts', zh: '账户' }, definitions: accountErrors.definitions },
  { area: { en: 'Passwords', zh: '密码' }, definitions: passwordErrors.definitions },
  { area: { en: 'API tokens', zh: 'API 令牌' }, definitions: tokenErrors.definitions },
  { area: { en: 'Catalogue', zh: '目录数据库' }, definitions: catalogErrors.definitions },
  { area: { en: 'Redis', zh: 'Redis' }, definitions: redisErrors.definitions },
  { area: { en: 'Service', zh: '服务' }, definitions: serviceErrors.definitions },
];
