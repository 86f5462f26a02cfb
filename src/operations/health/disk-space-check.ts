import { statfs } from 'node:fs/promises';
import { type Check, CheckProblem, type CheckTiming } from './check.ts';
import { healthErrors } from './health-errors.ts';

interface DiskSpaceCheckOptions extends CheckTiming {
  readonly name?: string;
  /** Any path on the file system to watch. */
  readonly path: string;
  /** A service that only reads goes on with a full disk: not critical unless told. */
  readonly critical?: boolean;
  readonly warnPercent?: number;
  readonly failPercent?: number;
}

/** Watches how full a file system is, in percent as `df` counts it: of what an ordinary user may use, rounded up. */
export function diskSpaceCheck({
  name = 'disk_space',
  path,
  critical = false,
  warnPercent = 80,
  failPercent = 95,
  ...timing
}: DiskSpaceCheckOptions): Check {
  return {
    name,
    critical,
    ...timing,
    async run() {
      const { blocks, bfree, bavail } = await statfs(path);
      const used = blocks - bfree;
      // A pseudo file system without blocks is never full.
      const percent = used + bavail === 0 ? 0 : Math.ceil((used / (used + bavail)) * 100);
      const facts = { percent_used: percent };
      if (percent < warnPercent) return facts;
      const level = percent < failPercent ? 'warning' : 'error';
      throw new CheckProblem(healthErrors.DISK_SPACE_LOW({ path, percent }), { level, facts });
    },
  };
}
