import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { definitionTemplates } from './definition-templates.ts';

const folder = join(import.meta.dirname, '../../charts/holdfast/templates/crds');
mkdirSync(folder, { recursive: true });
for (const [name, template] of definitionTemplates()) writeFileSync(join(folder, name), template);
