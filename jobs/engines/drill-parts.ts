import { HoldfastError } from '../../src/operations/errors.ts';
import type { PartSlice } from '../../src/repository/manifest/manifest.ts';
import type { PartSource } from '../../src/repository/parts/parts.ts';

/** A part that is not what the backup promises, and what reading it said. */
export interface DamagedPart {
  readonly slice: PartSlice;
  readonly error: HoldfastError;
}

/** The same parts, which remember the first one that turned out damaged: restores pass on the error, but not whose part it was. */
export interface WatchedParts extends PartSource {
  readonly damaged: DamagedPart | undefined;
}

export function watchParts(source: PartSource): WatchedParts {
  let damaged: DamagedPart | undefined;
  const note = (slice: PartSlice | undefined, error: unknown) => {
    if (slice !== undefined && isIntegrityError(error)) damaged ??= { slice, error };
  };
  return {
    get damaged() {
      return damaged;
    },
    nameOf: (raw) => source.nameOf(raw),
    async read(slice) {
      try {
        return await source.read(slice);
      } catch (error) {
        note(slice, error);
        throw error;
      }
    },
    async *readAll(slices) {
      let index = 0;
      try {
        for await (const chunk of source.readAll(slices)) {
          yield chunk;
          index += 1;
        }
      } catch (error) {
        note(slices[index], error);
        throw error;
      }
    },
  };
}

/** Whether an error says that content is not what was promised. */
export function isIntegrityError(error: unknown): error is HoldfastError {
  return error instanceof HoldfastError && error.category === 'integrity';
}
