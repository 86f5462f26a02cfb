/** What is known of these facts: columns without a value are left out, as callers expect of optional properties. */
export function present<Facts extends object>(facts: Facts): { [Name in keyof Facts]?: NonNullable<Facts[Name]> } {
  const known = Object.entries(facts).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(known) as { [Name in keyof Facts]?: NonNullable<Facts[Name]> };
}
