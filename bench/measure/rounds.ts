import type { Measurement, Sample } from '../report/sample.ts';

export interface Case {
  readonly name: string;
  readonly run: () => Promise<Sample>;
}

/** Samples by the name of what was measured, in the order in which the names came first. */
export class Samples {
  readonly #byName = new Map<string, Sample[]>();
  readonly #say: (line: string) => void;

  constructor(say: (line: string) => void) {
    this.#say = say;
  }

  add(name: string, sample: Sample): void {
    this.#byName.set(name, [...(this.#byName.get(name) ?? []), sample]);
    this.#say(`  ${name}: ${sample.finished ? '' : 'not finished after '}${sample.seconds.toFixed(2)} s`);
  }

  measurements(): Measurement[] {
    return [...this.#byName].map(([name, samples]) => ({ name, samples }));
  }

  get(name: string): Measurement | undefined {
    return this.measurements().find((measurement) => measurement.name === name);
  }
}

/** Runs all cases of one round: forwards in odd rounds, backwards in even ones, so that a machine that gets slower or faster treats all alike. */
export async function runRound(round: number, cases: readonly Case[], samples: Samples): Promise<void> {
  for (const { name, run } of round % 2 === 1 ? cases : cases.toReversed()) samples.add(name, await run());
}
