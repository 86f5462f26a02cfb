import { describe, expect, it } from '@jest/globals';
import { cronJobName, defaultSourceName, initJobName, labelValue, runJobName } from '../../../src/controller/pods/names.ts';

const long = 'a-name-that-goes-on-and-on-until-no-kind-of-kubernetes-takes-it-any-more';

describe('names of what is made for a resource', () => {
  it('say whose it is and what it does', () => {
    expect(cronJobName('shop', 'backup')).toBe('shop-backup');
    expect(runJobName('restore', 'friday')).toBe('restore-friday');
    expect(initJobName('main')).toBe('main-init');
  });

  it('fit, and stay apart where long ones begin alike', () => {
    for (const [name, limit] of [[(text: string) => cronJobName(text, 'retention'), 52], [(text: string) => runJobName('backup', text), 63], [initJobName, 63], [labelValue, 63], [defaultSourceName, 63]] as const) {
      const [one, other] = [name(`${long}-1`), name(`${long}-2`)];
      expect(one).not.toBe(other);
      expect(one).toHaveLength(limit);
      expect(one).toMatch(/^[a-z0-9]([-a-z0-9]*[a-z0-9])-[0-9a-f]{8}$/);
      expect(name(`${long}-1`)).toBe(one);
    }
  });

  it('are valid label values where the name itself is none', () => {
    for (const name of ['shop.', 'shop_', 'shop-', `${'a'.repeat(53)}.b${'c'.repeat(20)}`]) expect(labelValue(name)).toMatch(/^[a-z0-9]([-a-z0-9_.]*[a-z0-9])?$/);
    expect(labelValue('shop.eu_1')).toBe('shop.eu_1');
  });
});
