import { formatBytes, formatDuration } from '../src/operations/format.ts';
import type { Logger } from '../src/operations/logging.ts';
import { type Language, renderText, type Text } from '../src/operations/text.ts';
import type { Progress, ProgressPhase } from './engines/engine.ts';

const phaseTexts = {
  preparing: { en: 'preparing', zh: '准备' },
  reading: { en: 'reading', zh: '读取' },
  committing: { en: 'committing', zh: '提交' },
  definitions: { en: 'creating definitions', zh: '创建定义' },
  loading: { en: 'loading rows', zh: '载入数据' },
  indexes: { en: 'building indexes', zh: '建立索引' },
  refreshing: { en: 'refreshing materialized views', zh: '刷新物化视图' },
  analyzing: { en: 'analyzing', zh: '分析' },
  checking: { en: 'checking', zh: '检查' },
  writing: { en: 'writing', zh: '写出' },
} as const satisfies Record<ProgressPhase, Text>;

interface Output {
  write(text: string): unknown;
  readonly columns?: number;
}

/** Progress that must be ended, so that a terminal's line is cleared and timers are gone. */
export interface EndableProgress extends Progress {
  end(): void;
}

interface PhaseState {
  readonly name: ProgressPhase;
  readonly total: number | undefined;
  readonly startedAt: number;
  done: number;
}

/** One line that is written over on a terminal: phase, share, bytes, rate and time left. Four times a second at most. */
export function createTerminalProgress(output: Output, language: Language): EndableProgress {
  const render = (state: PhaseState) => {
    const line = describePhase(state, language).slice(0, (output.columns ?? 80) - 1);
    output.write(`\r\u001b[2K${line}`);
  };
  return trackProgress(250, render, () => output.write('\r\u001b[2K'));
}

/** A log line for each phase, and one a while during long ones. */
export function createLogProgress(log: Logger, intervalMs = 10_000): EndableProgress {
  return trackProgress(intervalMs, (state) => {
    const { bytesPerSecond, secondsLeft } = pace(state);
    log.info({ phase: state.name, bytes: state.done, totalBytes: state.total, bytesPerSecond, secondsLeft }, 'progress');
  });
}

function trackProgress(intervalMs: number, render: (state: PhaseState) => void, clear?: () => void): EndableProgress {
  let state: PhaseState | undefined;
  let renderedAt = 0;
  return {
    phase(name, total) {
      state = { name, total, startedAt: performance.now(), done: 0 };
      renderedAt = state.startedAt;
      render(state);
    },
    advance(bytes) {
      if (!state) return;
      state.done += bytes;
      const now = performance.now();
      if (now - renderedAt < intervalMs) return;
      renderedAt = now;
      render(state);
    },
    end() {
      state = undefined;
      clear?.();
    },
  };
}

function pace(state: PhaseState): { bytesPerSecond: number; secondsLeft: number | undefined } {
  const seconds = (performance.now() - state.startedAt) / 1000;
  const bytesPerSecond = seconds > 0 ? Math.round(state.done / seconds) : 0;
  const left = (state.total ?? 0) - state.done;
  return { bytesPerSecond, secondsLeft: left > 0 && bytesPerSecond > 0 ? Math.round(left / bytesPerSecond) : undefined };
}

function describePhase(state: PhaseState, language: Language): string {
  const { bytesPerSecond, secondsLeft } = pace(state);
  const share = state.total ? `${Math.min(99, Math.floor((100 * state.done) / state.total))} %` : '';
  const rate = state.done > 0 ? `${formatBytes(state.done)}, ${formatBytes(bytesPerSecond)}/s` : '';
  const left = secondsLeft === undefined ? '' : renderText({ en: '{time} left', zh: '剩余 {time}' }, language, { time: formatDuration(secondsLeft * 1000) });
  return [renderText(phaseTexts[state.name], language), share, rate, left].filter((piece) => piece !== '').join('  ');
}
