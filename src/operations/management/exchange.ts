import { HoldfastError } from '../errors.ts';
import type { SharedHeartbeat } from '../health/heartbeat.ts';
import { managementErrors } from './management-errors.ts';

/** A request to the management port as the listening thread hands it to the main thread. */
export interface ManagementRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly contentType: string | undefined;
  readonly origin: string | undefined;
  readonly body: string;
}

export interface ManagementAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What the listening thread needs to begin. */
export interface ListenerSettings {
  readonly host: string;
  readonly port: number;
  /** How long the main thread may take over an answer. */
  readonly answerTimeoutMs: number;
  readonly heartbeats: readonly SharedHeartbeat[];
  readonly logName: string;
}

export type FromListener =
  | { readonly type: 'listening'; readonly port: number }
  | { readonly type: 'refused'; readonly reason: string }
  | { readonly type: 'request'; readonly id: number; readonly request: ManagementRequest };

export interface ToListener {
  readonly id: number;
  readonly answer: ManagementAnswer;
}

/** An answer with all its headers, so that one that is given again and again is made once. */
export function answerOf(status: number, contentType: string, body: string): ManagementAnswer {
  return { status, headers: { 'Content-Type': contentType, 'Content-Length': String(Buffer.byteLength(body)), 'Cache-Control': 'no-store' }, body };
}

export function textAnswer(status: number, body: string): ManagementAnswer {
  return answerOf(status, 'text/plain; charset=utf-8', body);
}

export function jsonAnswer(status: number, value: unknown): ManagementAnswer {
  return answerOf(status, 'application/json; charset=utf-8', `${JSON.stringify(value)}\n`);
}

/** An error of any kind as an answer. What is unexpected says nothing of itself. */
export function errorAnswer(error: unknown, path: string): ManagementAnswer {
  const known = error instanceof HoldfastError ? error : managementErrors.MANAGEMENT_FAILED({ path });
  return jsonAnswer(known.status, { success: false, error_code: known.code, message: known.message, hint: known.hint });
}
