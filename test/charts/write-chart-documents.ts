import { readFileSync, writeFileSync } from 'node:fs';
import { readmeFile, readValuesText, withValuesTable } from './readme.ts';
import { readValuesSchema, valuesSchemaFile, withSpecs } from './values-schema.ts';

writeFileSync(valuesSchemaFile, `${JSON.stringify(withSpecs(readValuesSchema()), undefined, 2)}\n`);
writeFileSync(readmeFile, withValuesTable(readFileSync(readmeFile, 'utf8'), readValuesText()));
