import type { ServiceMiddleware } from '../http/service.ts';

export const securityTxtPath = '/.well-known/security.txt';
export const robotsPath = '/robots.txt';

/** Where to report weaknesses of the service, and until when that holds (RFC 9116). */
export interface SecurityTxt {
  /** Addresses in order of preference: `mailto:`, `https:` or `tel:`. */
  readonly contacts: readonly string[];
  readonly expires: Date;
}

/** Answers with the file of RFC 9116, in the languages that the service speaks. */
export function securityTxtHandler({ contacts, expires }: SecurityTxt): ServiceMiddleware {
  const lines = [...contacts.map((contact) => `Contact: ${contact}`), `Expires: ${expires.toISOString()}`, 'Preferred-Languages: en, zh'];
  return textHandler(`${lines.join('\n')}\n`);
}

/** Asks search engines to stay away: nothing here is for the public. */
export function robotsHandler(): ServiceMiddleware {
  return textHandler('User-agent: *\nDisallow: /\n');
}

function textHandler(text: string): ServiceMiddleware {
  return (ctx) => {
    ctx.type = 'text/plain; charset=utf-8';
    ctx.body = text;
  };
}
