import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorCatalogueDocument } from './error-catalogue-document.ts';

writeFileSync(join(import.meta.dirname, '../../docs/errors.md'), await errorCatalogueDocument());
