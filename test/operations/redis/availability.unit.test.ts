import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { watchAvailability } from '../../../src/operations/redis/availability.ts';

function watch() {
  const changes: [boolean, unknown][] = [];
  const availability = watchAvailability({
    downAfterMs: 40,
    upAfterMs: 40,
    trialEveryMs: 60_000,
    onChange: (isUp, cause) => { changes.push([isUp, cause]); },
  });
  return { availability, changes };
}

describe('watchAvailability', () => {
  it('is not up, but worth a try, before anything was seen', () => {
    const { availability } = watch();
    expect(availability.isUp()).toBe(false);
    expect(availability.admits()).toBe(true);
  });

  it('takes the first observation at once', () => {
    const { availability, changes } = watch();
    availability.failed('refused');
    expect(changes).toEqual([[false, 'refused']]);
  });

  it('does not change for a blip in either direction', async () => {
    const { availability, changes } = watch();
    availability.succeeded();
    availability.failed('blip');
    availability.succeeded();
    await sleep(60);
    expect(availability.isUp()).toBe(true);
    availability.failed('gone');
    await sleep(60);
    expect(availability.isUp()).toBe(false);
    availability.succeeded();
    availability.failed('still gone');
    await sleep(60);
    expect(availability.isUp()).toBe(false);
    expect(changes).toEqual([[true, undefined], [false, 'gone']]);
  });

  it('changes once when nothing speaks against it for long enough', async () => {
    const { availability, changes } = watch();
    availability.succeeded();
    availability.failed('gone');
    availability.failed('gone for good');
    await sleep(60);
    availability.succeeded();
    await sleep(60);
    expect(changes).toEqual([[true, undefined], [false, 'gone for good'], [true, 'gone for good']]);
  });

  it('lets one trial through in a while when it is down', () => {
    const { availability } = watch();
    availability.failed('refused');
    expect([availability.admits(), availability.admits(), availability.admits()]).toEqual([true, false, false]);
  });
});
