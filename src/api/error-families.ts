import { accountErrors } from '../catalog/account-errors.ts';
import { catalogErrors } from '../catalog/catalog-errors.ts';
import { tokenErrors } from '../catalog/token-errors.ts';
import { clusterErrors } from '../kubernetes/cluster-errors.ts';
import type { CataloguedFamily } from '../operations/http/error-catalogue.ts';
import { passwordErrors } from '../operations/passwords/password-errors.ts';
import { clusterAccessErrors } from './cluster/cluster-access-errors.ts';
import { serviceErrors } from './service-errors.ts';

/** The families of the service's own, beside the operational ones, for the catalogue at `/errors`. */
export const answeredFamilies: readonly CataloguedFamily[] = [
  { area: { en: 'Accounts', zh: '账户' }, definitions: accountErrors.definitions },
  { area: { en: 'Passwords', zh: '密码' }, definitions: passwordErrors.definitions },
  { area: { en: 'API tokens', zh: 'API 令牌' }, definitions: tokenErrors.definitions },
  { area: { en: 'Catalogue', zh: '目录数据库' }, definitions: catalogErrors.definitions },
  { area: { en: 'Access to the cluster', zh: '集群访问' }, definitions: clusterAccessErrors.definitions },
  { area: { en: 'Cluster', zh: '集群' }, definitions: clusterErrors.definitions },
  { area: { en: 'Service', zh: '服务' }, definitions: serviceErrors.definitions },
];
