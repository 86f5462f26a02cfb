import { readFile } from 'node:fs/promises';

export interface UnprivilegedUser {
  readonly uid: number;
  readonly gid: number;
}

/** Whom to run programs as that refuse root: `postgres`, else `nobody`. Undefined when this process is not root anyway. */
export async function unprivilegedUser(): Promise<UnprivilegedUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  const account = accounts.find(([name]) => name === 'postgres') ?? accounts.find(([name]) => name === 'nobody');
  if (account === undefined) throw new Error('PostgreSQL refuses to run as root, and there is no user `postgres` or `nobody` to run it as.');
  return { uid: Number(account[2]), gid: Number(account[3]) };
}
