import { isIP } from 'node:net';
import type Koa from 'koa';

/**
 * Makes an application see through the proxies before it: `ctx.ip`, `ctx.ips`, `ctx.protocol`, `ctx.secure`, `ctx.host`
 * and what Koa derives from them. `hops` is the number of proxies, each of which appends what it saw to
 * X-Forwarded-For; of each X-Forwarded header only the last `hops` entries are read, and of these the first is the
 * client's. What a client writes itself stands further left and is ignored. 0 reads no such header at all.
 *
 * Koa's own `proxy: true` is not used: without a count it takes the leftmost address, and it takes the leftmost
 * protocol and host in any case. Like any count, this one holds only if nobody reaches the service past the proxies.
 */
export function trustProxy(app: Pick<Koa, 'proxy' | 'request'>, { hops }: { readonly hops: number }): void {
  app.proxy = false;
  const direct = Object.getPrototypeOf(app.request) as object;
  const forwarded = (request: Koa.Request, header: string) => lastEntries(request.headers[header], hops);
  Object.defineProperties(app.request, {
    ips: {
      get(this: Koa.Request): string[] {
        const addresses = forwarded(this, 'x-forwarded-for').map(addressOf);
        return addresses.every((address) => address !== undefined) ? addresses : [];
      },
    },
    protocol: {
      get(this: Koa.Request): string {
        const protocol = forwarded(this, 'x-forwarded-proto')[0]?.toLowerCase();
        if (protocol === 'https' || protocol === 'http') return protocol;
        return Reflect.get(direct, 'protocol', this) as string;
      },
    },
    host: {
      get(this: Koa.Request): string {
        // As it stands: Koa's own would make a host of `good.example, evil.example`, which is none.
        return forwarded(this, 'x-forwarded-host')[0] ?? this.req.headers.host ?? '';
      },
    },
  });
}

function lastEntries(list: string | string[] | undefined, count: number): string[] {
  // Node joins several X-Forwarded headers of one name itself.
  if (typeof list !== 'string' || list === '' || count === 0) return [];
  return list.includes(',') ? list.split(',').slice(-count).map((entry) => entry.trim()) : [list.trim()];
}

/** The address of an entry, which some proxies write with a port: `192.0.2.1:4711`, `[2001:db8::1]:4711`. */
function addressOf(entry: string): string | undefined {
  if (isIP(entry) !== 0) return entry;
  const address = /^\[([^\]]+)\](?::\d+)?$/.exec(entry)?.[1] ?? /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(entry)?.[1];
  return address === undefined || isIP(address) === 0 ? undefined : address;
}
