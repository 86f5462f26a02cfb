import type { Client } from './client.ts';
import { isClusterError } from './cluster-errors.ts';
import { microTime } from './micro-time.ts';
import type { Lease, ObjectName } from './objects.ts';

export interface LeaseRecordOptions {
  readonly client: Client;
  readonly name: Required<ObjectName>;
  readonly identity: string;
  readonly leaseSeconds: number;
}

/**
 * One Lease, and what this process has seen of it. Whether another's has run out is measured by this process's own clock since it last saw the lease
 * change: what the lease says of times comes from another machine's clock.
 */
export class LeaseRecord {
  readonly #options: LeaseRecordOptions;
  #seen: Lease | undefined;
  #changedAtMs = 0;

  constructor(options: LeaseRecordOptions) {
    this.#options = options;
  }

  get holder(): string | undefined {
    return this.#seen?.spec?.holderIdentity || undefined;
  }

  /** Takes the lease, or renews it. False where another has it, or was faster. */
  async hold(signal: AbortSignal): Promise<boolean> {
    const { client, identity, name } = this.#options;
    this.#see(await client.find('Lease', name, { signal }));
    if (this.holder !== undefined && this.holder !== identity && !this.#hasRunOut()) return false;
    return this.#write(this.holder === identity ? { renewTime: microTime(new Date()) } : this.#taken(), signal);
  }

  /** Gives the lease back, so that another takes it without waiting. */
  async release(signal: AbortSignal): Promise<void> {
    const { client, identity, name } = this.#options;
    this.#see(await client.find('Lease', name, { signal }));
    if (this.holder === identity) await this.#write({ holderIdentity: '', leaseDurationSeconds: 1, renewTime: microTime(new Date()) }, signal);
  }

  #taken(): Lease['spec'] {
    const { identity, leaseSeconds } = this.#options;
    const now = microTime(new Date());
    const before = this.#seen?.spec?.leaseTransitions ?? 0;
    return { holderIdentity: identity, leaseDurationSeconds: leaseSeconds, acquireTime: now, renewTime: now, leaseTransitions: this.#seen === undefined ? 0 : before + 1 };
  }

  async #write(changes: Lease['spec'], signal: AbortSignal): Promise<boolean> {
    const { client, name } = this.#options;
    const seen = this.#seen;
    try {
      this.#see(
        seen === undefined
          ? await client.create('Lease', { metadata: name, spec: changes }, { signal })
          : await client.replace('Lease', { ...seen, spec: { ...seen.spec, ...changes } }, { signal }),
      );
      return true;
    } catch (error) {
      if (isClusterError(error, 'OBJECT_CONFLICT') || isClusterError(error, 'OBJECT_EXISTS')) return false;
      throw error;
    }
  }

  #see(lease: Lease | undefined): void {
    if (lease?.metadata.resourceVersion !== this.#seen?.metadata.resourceVersion) this.#changedAtMs = performance.now();
    this.#seen = lease;
  }

  #hasRunOut(): boolean {
    const seconds = this.#seen?.spec?.leaseDurationSeconds ?? this.#options.leaseSeconds;
    return performance.now() - this.#changedAtMs > seconds * 1000;
  }
}
