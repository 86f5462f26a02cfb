import { type Heartbeat, openHeartbeat, type SharedHeartbeat } from '../health/heartbeat.ts';
import { type ManagementAnswer, textAnswer } from './exchange.ts';

/** Silent for longer than this, but not beyond its limit, a loop is called busy. */
const busyMs = 1_000;
const watchMs = 500;

/** Calls back once when a loop begins to hang and once when it turns again: whoever restarts the process leaves no other trace of why. */
export function watchLiveness(shared: readonly SharedHeartbeat[], onChange: (name: string, hangs: boolean, silenceMs: number) => void): void {
  for (const heartbeat of shared.map(openHeartbeat)) {
    let hung = false;
    setInterval(() => {
      const silenceMs = heartbeat.silenceMs();
      const hangs = silenceMs > heartbeat.shared.limitMs;
      if (hangs !== hung) onChange(heartbeat.shared.name, hangs, silenceMs);
      hung = hangs;
    }, watchMs).unref();
  }
}

/**
 * The answer of `/livez`: 503 once a heartbeat is silent beyond its limit, so that the kubelet restarts the process; 200
 * otherwise, a loop that is merely busy included, and in every phase of the service. It asks nothing outside the process.
 */
export function createLiveness(shared: readonly SharedHeartbeat[]): (verbose: boolean) => ManagementAnswer {
  const heartbeats = shared.map(openHeartbeat);
  const well = textAnswer(200, 'ok\n');
  return (verbose) => {
    if (!verbose && heartbeats.every((heartbeat) => heartbeat.silenceMs() < busyMs)) return well;
    const lines = heartbeats.map(describe);
    const hangs = lines.some((line) => line.startsWith('[-]'));
    return textAnswer(hangs ? 503 : 200, `${lines.join('\n')}\n${hangs ? 'livez failed' : 'ok'}\n`);
  };
}

function describe(heartbeat: Heartbeat): string {
  const { name, limitMs } = heartbeat.shared;
  const silenceMs = Math.round(heartbeat.silenceMs());
  const silence = `silent for ${silenceMs} ms, limit ${limitMs} ms`;
  if (silenceMs > limitMs) return `[-]${name} hangs: ${silence}`;
  return `[+]${name} ${silenceMs < busyMs ? 'ok' : 'busy'}: ${silence}`;
}
