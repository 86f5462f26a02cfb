import type { HoldfastError } from '../errors.ts';
import { type ErrorRendering, renderErrorPage } from './error-page.ts';
import type { ErrorFormat } from './service.ts';
import { statusTitle } from './status-titles.ts';

/** An error as the body of an answer. */
export function renderError(format: ErrorFormat, error: HoldfastError, rendering: ErrorRendering): string {
  if (format === 'html') return renderErrorPage(error, rendering);
  return JSON.stringify(format === 'problem' ? problemOf(error, rendering) : errorJson(error, rendering));
}

/** The one shape that the service's own clients know. */
export function errorJson(error: HoldfastError, { errorId, language }: Pick<ErrorRendering, 'errorId' | 'language'>): Record<string, unknown> {
  return {
    success: false,
    error_id: errorId,
    error_code: error.code,
    message: error.describe(language).message,
    data: error.dataFor(language),
    category: error.category,
  };
}

/** The same as a problem document of RFC 9457, with our members as its extensions. */
function problemOf(error: HoldfastError, { errorId, language, cataloguePath }: ErrorRendering): Record<string, unknown> {
  const { message, hint } = error.describe(language);
  return {
    type: `${cataloguePath}#${error.code}`,
    title: statusTitle(error.status)[language],
    status: error.status,
    detail: message,
    instance: `urn:uuid:${errorId}`,
    error_id: errorId,
    error_code: error.code,
    category: error.category,
    hint,
    data: error.dataFor(language),
  };
}
