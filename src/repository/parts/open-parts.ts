import { createPartEncoding } from '../encoding/part-encoding.ts';
import { createPartReader, type PartReaderOptions } from './part-reader.ts';
import type { PartSource } from './parts.ts';
import { requireReading, type Repository } from '../repository.ts';

/** The repository's parts for reading, each checked. Throws REPOSITORY_IDENTITY_REQUIRED where nothing could be decrypted. */
export function openParts(
  repository: Repository,
  options: Pick<PartReaderOptions, 'signal' | 'maxBytesAhead' | 'concurrency' | 'maxBytesKept'>,
): PartSource {
  requireReading(repository);
  const encoding = createPartEncoding({ compression: 'none', encryption: repository.encryption });
  return createPartReader({ store: repository.store, encoding, ...options });
}
