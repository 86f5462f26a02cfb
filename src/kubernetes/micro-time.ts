/** As `metav1.MicroTime`: leases and events want microseconds. */
export function microTime(date: Date): string {
  return date.toISOString().replace('Z', '000Z');
}
