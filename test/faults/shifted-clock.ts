/** Loaded before a program (`--import`): its clock is wrong by FAULTS_CLOCK_SHIFT_MS. Timers, files and servers keep theirs. */
const shiftMs = Number(process.env['FAULTS_CLOCK_SHIFT_MS']);
const RealDate = Date;

class ShiftedDate extends RealDate {
  constructor(...parameters: unknown[]) {
    super(...((parameters.length === 0 ? [RealDate.now() + shiftMs] : parameters) as [number]));
  }

  static override now(): number {
    return RealDate.now() + shiftMs;
  }
}

globalThis.Date = ShiftedDate as DateConstructor;
