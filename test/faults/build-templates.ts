import { buildTemplates } from './templates.ts';

/** Makes a campaign's templates in a process of its own: `node build-templates.ts <folder>`. */
await buildTemplates(process.argv[2] ?? '.');
