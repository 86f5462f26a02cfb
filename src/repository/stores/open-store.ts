import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { codeOf } from '../../operations/errors.ts';
import { type Store, storeErrors } from './store.ts';
import { createDirectoryStore } from './directory.ts';
import type { S3StoreOptions } from './s3-options.ts';

export interface OpenStoreOptions {
  /** What an address of `s3://` needs beside it. */
  readonly s3?: Omit<S3StoreOptions, 'bucket' | 'prefix' | 'conditionalPut' | 'certificateAuthority'> & {
    /** Path of a PEM file of certificates trusted beside the system's. */
    readonly caFile?: string | undefined;
  };
  /** What repository.json says about the store's conditional puts. */
  readonly conditionalPut?: boolean | undefined;
}

const bucketName = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const prefixForm = /^[A-Za-z0-9_-][A-Za-z0-9._-]*(?:\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/;

/**
 * Opens the store of an address: `file:///absolute/path` or `s3://bucket/prefix`. Touches neither disk (but the
 * certificate file) nor network. Throws STORE_ADDRESS_INVALID, without showing credentials that were in the address.
 */
export async function openStore(address: string, options: OpenStoreOptions = {}): Promise<Store> {
  // A secret key may hold slashes, so that a parser takes it for a path: all before the last @ is hidden.
  const hidden = address.startsWith('file:///') ? address : address.replace(/^([^/@]*\/\/)?.*@/s, '$1…@');
  const shown = hidden.replace(/[?#].*$/s, '');
  if (hidden !== address) throw invalid(shown, 'it holds credentials; give them by the environment');
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined) throw invalid(shown, address.startsWith('/') ? `it is a path; write file://${shown}` : 'it is not a URL');
  if (url.search !== '' || url.hash !== '') throw invalid(shown, 'it has a query or a fragment');
  if (url.protocol === 'file:') return createDirectoryStore({ path: directoryOf(url, shown) });
  if (url.protocol === 's3:') {
    const s3Options = { ...locationOf(url, shown), ...clientOptions(options, shown) };
    // The SDK takes a quarter of a second and 40 MiB to load: who uses a directory does without.
    const { createS3Store } = await import('./s3.ts');
    return createS3Store(s3Options);
  }
  throw invalid(shown, `no store has the scheme ${url.protocol}`);
}

function directoryOf(url: URL, shown: string): string {
  if (url.host !== '' && url.host !== 'localhost') throw invalid(shown, `it names a host; write file:///${url.host}${url.pathname}`);
  if (/%2f|%00/i.test(url.pathname)) throw invalid(shown, 'its path has an encoded slash or NUL');
  const path = fileURLToPath(`file://${url.pathname}`).replace(/\/+$/, '');
  if (path === '') throw invalid(shown, 'a whole file system cannot be a repository');
  return path;
}

function locationOf(url: URL, shown: string): { bucket: string; prefix: string } {
  if (url.port !== '') throw invalid(shown, 'it has a port; a server is named by the S3 endpoint');
  if (!bucketName.test(url.host)) throw invalid(shown, 'a bucket name is 3 to 63 of a-z, 0-9, dot, dash');
  const prefix = url.pathname.replace(/^\/+|\/+$/g, '');
  if (prefix !== '' && !prefixForm.test(prefix)) throw invalid(shown, 'a prefix is of A-Z, a-z, 0-9, dot, dash, underscore and single slashes, and no part of it begins with a dot');
  return { bucket: url.host, prefix };
}

function clientOptions({ s3 = {}, conditionalPut }: OpenStoreOptions, shown: string): Omit<S3StoreOptions, 'bucket' | 'prefix'> {
  const { caFile, ...rest } = s3;
  if (rest.endpoint !== undefined && !/^https?:$/.test(URL.canParse(rest.endpoint) ? new URL(rest.endpoint).protocol : '')) {
    throw invalid(shown, 'its S3 endpoint is no http or https URL');
  }
  return { ...rest, conditionalPut, ...(caFile !== undefined && { certificateAuthority: readCertificates(caFile, shown) }) };
}

function readCertificates(path: string, shown: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw invalid(shown, `its certificate file ${path} cannot be read (${codeOf(error)})`, error);
  }
}

function invalid(address: string, reason: string, cause?: unknown): Error {
  return storeErrors.STORE_ADDRESS_INVALID({ address, reason }, { cause });
}
