import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** A request that arrived, as the counts and the faults know it. */
export interface SeenRequest {
  readonly user: string;
  /** As RBAC names it: get, list, watch, create, update, patch, delete, deletecollection. */
  readonly verb: string;
  readonly group: string;
  /** The plural. */
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
}

/** Fields that a request must have; those not given are whatever. */
export type RequestPattern = Partial<SeenRequest>;

export type Fault =
  /** Answers instead; `retryAfter` in seconds. */
  | { readonly status: number; readonly reason?: string; readonly message?: string; readonly retryAfter?: number }
  /** Does what was asked, and cuts the connection before the answer: the client cannot know. */
  | 'cut-after'
  /** Cuts the connection before anything is done. */
  | 'cut'
  /** Never answers. */
  | 'hang'
  | { readonly delayMs: number };

interface Planned {
  readonly pattern: RequestPattern;
  readonly fault: Fault;
  skip: number;
  left: number;
}

/** The failures that a test asked for, in the order it did. */
export class Faults {
  readonly #planned: Planned[] = [];

  /** Lets `skip` requests that fit `pattern` through, then lets `times` of them fail. Returns what ends it. */
  plan(pattern: RequestPattern, fault: Fault, { skip = 0, times = 1 }: { readonly skip?: number; readonly times?: number } = {}): () => void {
    const planned = { pattern, fault, skip, left: times };
    this.#planned.push(planned);
    return () => { planned.left = 0; };
  }

  of(request: SeenRequest): Fault | undefined {
    const planned = this.#planned.find(({ pattern, left }) => left > 0 && fits(request, pattern));
    if (planned === undefined) return undefined;
    if (planned.skip > 0) {
      planned.skip -= 1;
      return undefined;
    }
    planned.left -= 1;
    return planned.fault;
  }
}

export function fits(request: SeenRequest, pattern: RequestPattern): boolean {
  return Object.entries(pattern).every(([name, value]) => request[name as keyof SeenRequest] === value);
}

/** Carries a fault out; returns whether the request is over. */
export async function suffer(fault: Exclude<Fault, 'cut-after'>, request: IncomingMessage, response: ServerResponse): Promise<boolean> {
  if (fault === 'cut') {
    request.socket.destroy();
    return true;
  }
  if (fault === 'hang') return true;
  if ('delayMs' in fault) {
    await sleep(fault.delayMs);
    return false;
  }
  const { status, reason = '', message = 'this failure was asked for', retryAfter } = fault;
  response.writeHead(status, { 'content-type': 'application/json', ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }) });
  response.end(JSON.stringify({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code: status }));
  return true;
}
