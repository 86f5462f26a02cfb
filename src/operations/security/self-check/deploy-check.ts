import type { Text, TextValues } from '../../text.ts';
import { cookiesOf, type ServiceCookies } from '../cookies.ts';
import type { Hardening } from '../hardening.ts';
import { securityHeadersOf } from '../security-headers.ts';

/** What is judged: what was set, and what the service makes of it. */
export interface DeploySettings {
  readonly hardening: Hardening;
  readonly cookies: ServiceCookies;
  /** The headers of a page. */
  readonly headers: ReadonlyMap<string, string>;
  /** Whether `Csrf.protect` stands in the application. */
  readonly csrfProtection: boolean;
  /** Addresses of what the service works with over the network: database, Redis. */
  readonly connections: readonly string[];
  readonly now: Date;
}

/** What a service that is composed from this folder does under these settings. */
export function deploySettingsOf(hardening: Hardening, { now, connections }: Pick<DeploySettings, 'now' | 'connections'>): DeploySettings {
  return { hardening, cookies: cookiesOf(hardening), headers: securityHeadersOf(hardening).page, csrfProtection: true, connections, now };
}

/**
 * One thing that must be so before a service meets the internet. Ids are stable: `E…` must never be, is refused at the start of
 * a production service and cannot be silenced; `W…` is unsafe unless there is a reason. Numbers up to 25 are those of Django's
 * check of the same thing.
 */
export interface DeployCheck {
  readonly id: `${'E' | 'W'}${number}`;
  /** The ids of Django's checks that this one stands for. */
  readonly django?: readonly string[];
  readonly message: Text;
  readonly hint: Text;
  /** Pure. The values of its texts if something is wrong, `undefined` if not. */
  readonly find: (settings: DeploySettings) => TextValues | undefined;
}

/** Makes a `find` of a test for what is wrong, for checks whose texts name no values. */
export function when(isWrong: (settings: DeploySettings) => boolean): DeployCheck['find'] {
  return (settings) => (isWrong(settings) ? {} : undefined);
}
