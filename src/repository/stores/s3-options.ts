export interface S3StoreOptions {
  readonly bucket: string;
  /** Key prefix without slashes at its ends; empty for the whole bucket. */
  readonly prefix: string;
  /** Address of an S3-compatible server; AWS's own without it. */
  readonly endpoint?: string | undefined;
  /** Without it: what AWS's variables and profile say; `us-east-1` for a server of one's own where they say nothing. */
  readonly region?: string | undefined;
  /** Bucket in the path instead of the host name. By default with an endpoint, as most compatible servers want it. */
  readonly pathStyle?: boolean | undefined;
  /** PEM certificates trusted beside the system's. */
  readonly certificateAuthority?: string | undefined;
  /** Without them: AWS's usual chain (environment, profile, web identity, instance). */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string } | undefined;
  /** Whether the server holds `If-None-Match: *`, as `detectConditionalPut` found it. Default true. */
  readonly conditionalPut?: boolean | undefined;
  readonly patience?: S3Patience | undefined;
}

/** How long transient trouble is borne. */
export interface S3Patience {
  readonly connectMs: number;
  /** A connection on which nothing moves for so long is given up; a slow one is not. */
  readonly idleMs: number;
  readonly attempts: number;
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
}

/** Bears a restart of the server (half a minute at most), and tells of a wrong address within that. */
export const defaultPatience: S3Patience = { connectMs: 10_000, idleMs: 60_000, attempts: 8, firstDelayMs: 200, maxDelayMs: 10_000 };
