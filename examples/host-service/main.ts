import { createService } from 'holdfast/operations';
import { startErrorTracking } from 'holdfast/operations/sentry/start-error-tracking';
import { openBooks } from './books.ts';
import { errorFamilies } from './error-families.ts';
import { leasing } from './leasing.ts';

const tracking = await startErrorTracking(process.env);
const service = createService({ name: 'leasing', version: '1.0.0', environment: process.env, tracking, errorFamilies, ...leasing(openBooks()) });
process.exitCode = await service.run(process);
