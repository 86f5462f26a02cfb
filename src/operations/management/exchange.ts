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
}

export type FromListener =
  | { readonly type: 'listening'; readonly port: number }
  | { readonly type: 'refused'; readonly reason: string }
  | { readonly type: 'request'; readonly id: number; readonly request: ManagementRequest };

export interface ToListener {
  readonly id: number;
  readonly answer: ManagementAnswer;
}

export function textAnswer(status: number, body: string): ManagementAnswer {
  return { status, headers: { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' }, body };
}

export function jsonAnswer(status: number, value: unknown): ManagementAnswer {
  return { status, headers: { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-store' }, body: `${JSON.stringify(value)}\n` };
}

/** An error of any kind as an answer. What is unexpected says nothing of itself. */
export function errorAnswer(error: unknown, path: string): ManagementAnswer {
  const known = error instanceof HoldfastError ? error : managementErrors.MANAGEMENT_FAILED({ path });
  return jsonAnswer(known.status, { success: false, error_code: known.code, message: known.message, hint: known.hint });
}
