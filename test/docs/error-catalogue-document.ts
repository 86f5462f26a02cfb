import { catalogueMarkdown, errorCatalogue } from '../../src/operations/http/error-catalogue.ts';
import { discoverErrorFamilies } from './error-families.ts';

const introduction = `# Errors

Every error that Holdfast can end with or answer with, made from the code by \`npm run docs:errors\`; a test compares. A code is stable: scripts may
rely on it. \`{words}\` in braces stand for what an error is about. How the service answers an error:

\`\`\`json
{"success":false,"error_id":"<uuid>","error_code":"CONTRACT_EXPIRED","message":"<for the user>","data":{"contract":"C-7"},"category":"business_logic"}
\`\`\`

\`error_id\` is in the log line and the report as well. \`Accept: application/problem+json\` asks for RFC 9457, which adds the hint; browsers get a
page; \`Accept-Language\` decides between English and Chinese. A program's exit code follows from the category (\`src/operations/exit-codes.ts\`). Retryable
means that the same call may go through when it is made again.

`;

/** The whole of docs/errors.md. */
export async function errorCatalogueDocument(): Promise<string> {
  const families = await discoverErrorFamilies();
  const catalogue = errorCatalogue(families.map(({ path, definitions }) => ({ area: { en: areaOf(path), zh: areaOf(path) }, definitions })));
  return introduction + catalogueMarkdown(catalogue);
}

/** `src/operations/business-errors/contract-errors.ts` → `operations / business-errors / contract-errors`. */
function areaOf(path: string): string {
  return path.replace(/^src\//, '').replace(/\.ts$/, '').replaceAll('/', ' / ');
}
