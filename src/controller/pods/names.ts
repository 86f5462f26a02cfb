import { createHash } from 'node:crypto';
import type { Operation } from '../../kubernetes/resources/names.ts';

/** A Job's name is its name and eleven characters more: https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/. */
const cronJobNameLength = 52;
const jobNameLength = 63;
const labelValueLength = 63;
/** Longest that the repository files a source under. */
const sourceNameLength = 63;

/** Of the CronJob that does `operation` for a schedule or repository. */
export function cronJobName(owner: string, operation: Operation): string {
  return fit(`${owner}-${operation}`, cronJobNameLength);
}

/** Of the Job that a Backup, Restore or Drill asks for, or that forgets a Backup. */
export function runJobName(operation: Operation, run: string): string {
  return fit(`${operation}-${run}`, jobNameLength);
}

/** Of the Job that makes a repository, or looks whether it is there. */
export function initJobName(repository: string): string {
  return fit(`${repository}-init`, jobNameLength);
}

/** What backups of a resource are filed under where it does not say. */
export function defaultSourceName(resource: string): string {
  return fit(resource, sourceNameLength);
}

/** The label value for a name, which may be longer than a label's value may be. */
export function labelValue(name: string): string {
  return /[A-Za-z0-9]$/.test(name) ? fit(name, labelValueLength) : cut(name, labelValueLength);
}

/** The chart does the same in `_names.tpl`. */
function fit(name: string, length: number): string {
  return name.length <= length ? name : cut(name, length);
}

/** The beginning, then a hash of the whole: two long names that begin alike stay two. */
function cut(name: string, length: number): string {
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return `${name.slice(0, length - hash.length - 1).replace(/[^A-Za-z0-9]+$/, '')}-${hash}`;
}
