import { isIPv6 } from 'node:net';
import type { ServiceContext } from '../http/service.ts';

/** Under which key a request counts: who makes it if that is known, otherwise where it comes from. */
export function callerOf(ctx: ServiceContext): string {
  const { principal } = ctx.state;
  return principal === undefined ? `address:${networkOf(ctx.ip)}` : `${principal.via}:${principal.id}`;
}

/** An IPv4 address as it is, of an IPv6 address the first 64 bits: a subscriber has all the addresses of such a network. */
export function networkOf(address: string): string {
  // Before the package's long regular expression: most addresses are IPv4.
  if (!address.includes(':') || !isIPv6(address)) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const [head = '', tail] = address.split('%')[0]?.split('::') ?? [];
  const before = groupsOf(head);
  const after = groupsOf(tail ?? '');
  const zeros = Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0');
  return `${[...before, ...zeros, ...after].slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}

function groupsOf(text: string): string[] {
  return text === '' ? [] : text.split(':');
}
