/** What stands in a secret's place. */
export const filtered = '[Filtered]';

export interface Scrubber {
  /** A text without secrets: those of known shapes, those given, and values beside a word such as `password=`. */
  readonly text: (text: string) => string;
  /** A copy of plain data (a tree of objects, arrays and primitives) without secrets, by key and by text. */
  readonly value: <Value>(value: Value) => Value;
  /**
   * Makes known values secret from now on (configured passwords and keys): they are found without any telling shape beside
   * them, as they are and as URLs and JSON spell them. Values under 6 characters are not looked for.
   */
  readonly hide: (secrets: readonly string[]) => void;
}

/** Keys whose values leave never, spelled without case, dots, dashes and underscores. */
const sensitiveKey =
  /pass(word|wd|phrase|code)|^pw$|pwd|secret|token|authorization|^auth$|credential|cookie|csrf|xsrf|(api|access|private|signing|repository|encryption|age|ssh)keys?(id)?$|session(id|key)?$|^sid$|identit(y|ies)$|dsn$|(database|redis|catalog|connection)(url|uri|string)$|^signature$|^otp$|^pin$|^cvv$|^iban$|cardnumber|^jwt$/;

const sensitiveWord = String.raw`[\w.-]{0,40}(?:pass(?:word|wd|phrase|code)|pwd|secret|token|credential|api[_-]?key|access[_-]?key|private[_-]?key|session[_-]?id|signature)[\w.-]{0,40}`;

/** Secrets that show by their shape, wherever they stand. What may repeat is bounded, so that no hostile text takes long. */
const shapes: readonly (readonly [RegExp, string])[] = [
  [/AGE-SECRET-KEY-[0-9A-Z-]+/gi, filtered],
  [/-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,20}PRIVATE KEY-----|$)/g, filtered],
  [/\beyJ[\w-]{6,1000}\.[\w-]*(?:\.[\w-]*)?/g, filtered],
  [/\$(?:argon2(?:id?|d)|scrypt|2[abxy])\$\S+/g, filtered],
  [/\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g, filtered],
  [/\b(?:gh[oprsu]|github_pat|glpat|xox[abprs]|sk_live|rk_live|sntrys)[_-][\w-]{10,}/g, filtered],
  [/\b(bearer|basic|digest)\s{1,9}[\w.~+/=:-]{6,}/gi, `$1 ${filtered}`],
  [/\b((?:set-)?cookie|(?:proxy-)?authorization)(["']?\s{0,9}[:=]\s{0,9})[^\r\n]+/gi, `$1$2${filtered}`],
  // Up to the last @ of the word: passwords are often not escaped as a URL wants it. Too much rather than too little.
  [/\b([a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/@]{0,200}:\S{0,500}@/gi, `$1${filtered}@`],
  [/\b([a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/?#@]{1,500}@/gi, `$1${filtered}@`],
  [new RegExp(String.raw`\b(${sensitiveWord}["']?\s{0,9}(?:=>|[=:])\s{0,9})("[^"]*"?|'[^']*'?|[^\s&;,})\]]+)`, 'gi'), `$1${filtered}`],
];

/** Something of what each of the shapes has: nearly all texts of spans have nothing of it, and are looked at once only. */
const suspicious = /secret|pass|pwd|token|credential|key|session|signature|eyJ|\$|:\/\/|bearer|basic|digest|cookie|authorization|A[KS]IA|gh[oprsu][_-]|github_pat|glpat|xox|[sr]k_live|sntrys/i;

/** Spans have the same few keys again and again. */
const keysRemembered = 1000;

/** Deeper than any event of Sentry's, which cuts data off at three levels below its own. */
const deepest = 16;

export function createScrubber(): Scrubber {
  const spellings = new Set<string>();
  let known: RegExp | undefined;
  const keys = new Map<string, { readonly shown: string; readonly sensitive: boolean }>();
  const hide = (secrets: readonly string[]): void => {
    for (const secret of secrets) if (secret.length >= 6) for (const spelling of spellingsOf(secret)) spellings.add(spelling);
    known = spellings.size === 0 ? undefined : anyOf([...spellings]);
    keys.clear();
  };
  const text = (raw: string): string => {
    let clean = known ? raw.replace(known, filtered) : raw;
    if (!suspicious.test(clean)) return clean;
    for (const [shape, replacement] of shapes) clean = clean.replace(shape, replacement);
    return clean;
  };
  const inspectKey = (key: string): { readonly shown: string; readonly sensitive: boolean } => {
    const remembered = keys.get(key);
    if (remembered) return remembered;
    const inspected = { shown: text(key), sensitive: isSensitive(key) };
    if (keys.size < keysRemembered) keys.set(key, inspected);
    return inspected;
  };
  const walk = (value: unknown, depth: number): unknown => {
    if (typeof value === 'string') return text(value);
    if (typeof value !== 'object' || value === null) return value;
    if (depth > deepest) return filtered;
    if (Array.isArray(value)) return value.map((item) => walk(item, depth + 1));
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => {
        const { shown, sensitive } = inspectKey(key);
        return [shown, sensitive && isShowing(item) ? filtered : walk(item, depth + 1)];
      }),
    );
  };
  return { text, value: <Value>(value: Value) => walk(value, 0) as Value, hide };
}

/** Whether a name of this kind, such as a variable's or a header's, stands for a secret. */
export function isSensitive(key: string): boolean {
  return sensitiveKey.test(key.toLowerCase().replace(/[^a-z0-9]/g, ''));
}

/** `hasToken: true` tells nothing. */
function isShowing(value: unknown): boolean {
  return value !== undefined && value !== null && typeof value !== 'boolean';
}

function spellingsOf(secret: string): string[] {
  return [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)];
}

/** The longest first: one secret may be the beginning of another. */
function anyOf(texts: readonly string[]): RegExp {
  const longestFirst = texts.toSorted((one, other) => other.length - one.length);
  return new RegExp(longestFirst.map((each) => each.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)).join('|'), 'g');
}
