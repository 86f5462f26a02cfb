import type { ErrorTracking } from '../../src/operations/sentry/error-tracking.ts';

/** The inputs of a calculation, for whoever has to repeat it. */
export async function calculateRent(tracking: ErrorTracking): Promise<void> {
  const terms = { areaSquareMetres: 84, pricePerSquareMetre: Number.NaN, months: 12 };
  tracking.attach('terms', terms);
  const rent = terms.areaSquareMetres * terms.pricePerSquareMetre * terms.months;
  if (Number.isNaN(rent)) throw new Error('the rent is not a number');
}
