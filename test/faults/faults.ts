import type { Fault } from './case.ts';
import { bucketFaults } from './families/bucket.ts';
import { clockFaults } from './families/clock.ts';
import { connectionFaults } from './families/connection.ts';
import { damageFaults } from './families/damage.ts';
import { killedFaults } from './families/killed.ts';
import { raceFaults } from './families/race.ts';
import { togetherFaults } from './families/together.ts';
import { volumeFaults } from './families/volume.ts';

/** Everything that can go wrong here. */
export const faults: readonly Fault[] = [
  ...connectionFaults,
  ...killedFaults,
  ...bucketFaults,
  ...volumeFaults,
  ...damageFaults,
  ...raceFaults,
  ...togetherFaults,
  ...clockFaults,
];
