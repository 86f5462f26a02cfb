import type { ServerResponse } from 'node:http';

interface Log {
  text: string;
  ended: boolean;
  readonly readers: Set<ServerResponse>;
}

/** What containers have said so far; who follows a log gets what is added until it ends. One container a pod. */
export class PodLogs {
  readonly #logs = new Map<string, Log>();

  add(pod: string, text: string): void {
    const log = this.#of(pod);
    log.text += text;
    for (const reader of log.readers) reader.write(text);
  }

  end(pod: string): void {
    const log = this.#of(pod);
    log.ended = true;
    for (const reader of log.readers) reader.end();
  }

  answer(pod: string, query: URLSearchParams, response: ServerResponse): void {
    const { text, ended, readers } = this.#of(pod);
    response.writeHead(200, { 'content-type': 'text/plain' });
    response.write(text);
    if (query.get('follow') !== 'true' || ended) {
      response.end();
      return;
    }
    readers.add(response);
    response.on('close', () => { readers.delete(response); });
  }

  #of(pod: string): Log {
    const log = this.#logs.get(pod) ?? { text: '', ended: false, readers: new Set() };
    this.#logs.set(pod, log);
    return log;
  }
}
