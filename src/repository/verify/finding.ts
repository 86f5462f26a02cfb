import type { DocumentProblem } from '../manifest/sealed-document.ts';

/** What an object is to a repository. */
export type ObjectKind = 'head' | 'body' | 'references' | 'part' | 'hold' | 'acceptance' | 'drill';

/**
 * What is wrong with an object. missing: it is not there. wrong-size: it has another size than every backup states, and its
 * content could not be read to tell whether it is damaged. damaged: its content is not what was stored. inconsistent: what two objects
 * of a backup say differs. The others are those of sealed documents.
 */
export type Problem = DocumentProblem | 'missing' | 'wrong-size' | 'inconsistent';

/** One object that is not as it should be. */
export interface Finding {
  /** The object's key in the store. */
  readonly object: string;
  readonly kind: ObjectKind;
  readonly problem: Problem;
  /** More about it, English: what exactly is wrong. */
  readonly reason?: string;
  /** A part that is marked: the next backup that meets its content stores it anew. */
  readonly marked?: boolean;
  /** The backups that it touches, as `source/id`: live and forgotten ones, of the whole repository. */
  readonly backups: readonly string[];
}

/** A store that lost everything must not cost all memory. */
const mostKept = 1000;

/** Findings as they come: all are counted, the first thousand kept. */
export class Findings {
  readonly kept: Finding[] = [];
  total = 0;

  add(finding: Finding): void {
    this.total += 1;
    if (this.kept.length < mostKept) this.kept.push(finding);
  }
}
