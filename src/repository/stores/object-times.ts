/** Whether two times of an object are the same. S3 tells the time of one object in seconds, and that of listed ones perhaps in milliseconds. */
export function isSameSecond(one: Date, other: Date | undefined): boolean {
  return other !== undefined && Math.floor(one.getTime() / 1000) === Math.floor(other.getTime() / 1000);
}
