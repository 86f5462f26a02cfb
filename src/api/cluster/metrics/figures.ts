/** One metric of something: its name, its help, and its value, undefined where that is not known. */
export interface Figure<Subject> {
  readonly name: string;
  readonly help: string;
  readonly of: (subject: Subject) => number | undefined;
}

/** Seconds since 1970 of a time as resources write it. */
export function timestamp(time: string | undefined): number | undefined {
  return time === undefined ? undefined : Date.parse(time) / 1000;
}

/** 1 or 0 of what holds or does not. */
export function flag(holds: boolean | undefined): number | undefined {
  return holds === undefined ? undefined : Number(holds);
}

export function seconds(milliseconds: number | undefined): number | undefined {
  return milliseconds === undefined ? undefined : milliseconds / 1000;
}
