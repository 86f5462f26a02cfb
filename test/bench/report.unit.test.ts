import { describe, expect, it } from '@jest/globals';
import { renderReport, type SuiteReport, verdictOf } from '../../bench/report/report.ts';
import { median, type Measurement, type Sample } from '../../bench/report/sample.ts';

const mebibyte = 2 ** 20;

const sample = (seconds: number, more: Partial<Sample> = {}): Sample => ({ seconds, cpuSeconds: 1, peaks: { byProgram: { node: 100 * mebibyte }, together: 0 }, finished: true, ...more });
const measurement = (name: string, ...samples: Sample[]): Measurement => ({ name, samples });

function render(report: Partial<SuiteReport>): string[] {
  return renderReport({ title: 'title', measurements: [], goals: [], notes: [], ...report }).split('\n');
}

describe('median', () => {
  it('is the middle one of an odd number, whatever their order', () => expect(median([9, 1, 4])).toBe(4));
  it('is the mean of the two in the middle of an even number', () => expect(median([9, 1, 4, 2])).toBe(3));
});

describe('renderReport', () => {
  it("divides the medians by the base's", () => {
    const lines = render({ base: 'slow', measurements: [measurement('fast', sample(1), sample(2), sample(9)), measurement('slow', sample(8))] });
    expect(lines.find((line) => line.startsWith('fast'))).toMatch(/^fast\s+2\.00\s+1\.00–9\.00\s+0\.25\s/);
  });

  it('reckons speed from the plain bytes, and leaves out columns that nobody fills', () => {
    const lines = render({ measurements: [measurement('backup', sample(2, { raw: 50 * mebibyte }))] });
    expect(lines[2]).toMatch(/^\s+seconds\s+least–most\s+MiB\/s\s+CPU s\s+peak MiB of\s+all MiB$/);
    expect(lines[4]).toMatch(/^backup\s+2\.00\s+2\.00–2\.00\s+25\s+1\.00\s+100 node\s+0$/);
  });

  it('marks what was ended by its limit', () => {
    expect(render({ measurements: [measurement('endless', sample(60, { finished: false }))] }).at(-1)).toMatch(/^endless\s+> 60\.00/);
  });

  it('says of each goal whether it is met, and of a missed one by how much', () => {
    const lines = render({
      goals: [
        { figure: 'time', atMost: 0.8, measured: 0.8 },
        { figure: 'new', atMost: 0.02, measured: 0.03, unit: '%' },
        { figure: 'speed', atLeast: 0.8, measured: 0.6 },
        { figure: 'memory', atMost: 256 * mebibyte, measured: undefined, unit: 'MiB' },
      ],
    });
    expect(lines.slice(-4)).toEqual([
      expect.stringMatching(/^time\s+≤ 0\.80\s+0\.80\s+met$/),
      expect.stringMatching(/^new\s+≤ 2\.00 %\s+3\.00 %\s+missed by 50 %$/),
      expect.stringMatching(/^speed\s+≥ 0\.80\s+0\.60\s+missed by 25 %$/),
      expect.stringMatching(/^memory\s+≤ 256 MiB\s+–\s+not measured$/),
    ]);
  });

  it('takes a figure that is no number for not measured', () => expect(verdictOf({ figure: 'time', atMost: 1, measured: Number.NaN })).toBe('not measured'));
});
