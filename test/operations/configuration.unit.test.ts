import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { readConfiguration } from '../../src/operations/configuration.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-configuration-'));
afterAll(() => rmSync(folder, { recursive: true }));

const Schema = z.object({
  PORT: z.coerce.number().int().max(65_535).default(8080),
  SECRET: z.string().min(8),
  MODE: z.enum(['fast', 'safe']).optional(),
});

function messageOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('nothing was thrown');
}

describe('readConfiguration', () => {
  it('reads values, applies defaults and takes empty variables as not set', () => {
    expect(readConfiguration(Schema, { SECRET: 'long enough', MODE: '' })).toEqual({ PORT: 8080, SECRET: 'long enough' });
  });

  it('reads a value from the file that NAME_FILE names, without its last line break', () => {
    const path = join(folder, 'secret');
    writeFileSync(path, 'from a file\n');
    expect(readConfiguration(Schema, { SECRET_FILE: path }).SECRET).toBe('from a file');
  });

  it('names every bad variable at once and shows no value', () => {
    const message = messageOf(() => readConfiguration(Schema, { PORT: '99999', SECRET: 'hunter2', MODE: 'slow' }));
    expect(message).toMatch(/PORT.*SECRET.*MODE/s);
    expect(message).not.toMatch(/hunter2|99999|slow/);
  });

  it('refuses a value and a file for the same variable', () => {
    expect(messageOf(() => readConfiguration(Schema, { SECRET: 'long enough', SECRET_FILE: '/x' }))).toContain('SECRET: set together with SECRET_FILE');
  });

  it('says which file cannot be read, once', () => {
    const message = messageOf(() => readConfiguration(Schema, { SECRET_FILE: join(folder, 'absent') }));
    expect(message).toContain('the file named by SECRET_FILE cannot be read (ENOENT)');
    expect(message.match(/SECRET:/g)).toHaveLength(1);
  });
});
