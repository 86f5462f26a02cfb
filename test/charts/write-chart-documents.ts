import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { baseFolder, plainManifests } from './plain-manifests.ts';
import { readmeFile, readValuesText, withValuesTable } from './readme.ts';
import { readValuesSchema, valuesSchemaFile, withSpecs } from './values-schema.ts';

writeFileSync(valuesSchemaFile, `${JSON.stringify(withSpecs(readValuesSchema()), undefined, 2)}\n`);
writeFileSync(readmeFile, withValuesTable(readFileSync(readmeFile, 'utf8'), readValuesText()));

for (const [file, text] of await plainManifests()) writeFileSync(join(baseFolder, file), text);
