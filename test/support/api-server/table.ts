import type { ApiObject } from './api-object.ts';
import type { PrinterColumn, ResourceType } from './resource-types.ts';

const nameColumn = { name: 'Name', type: 'string', format: 'name', description: '', priority: 0 };
const ageColumn: PrinterColumn = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' };

/** What kubectl asks for to print: the columns that a definition names. */
export function tableOf({ columns = [ageColumn] }: ResourceType, objects: readonly ApiObject[], metadata: object): object {
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: [nameColumn, ...columns.map(({ name, type, format = '', description = '', priority = 0 }) => ({ name, type, format, description, priority }))],
    rows: objects.map((object) => ({
      cells: [object.metadata.name, ...columns.map((column) => cell(object, column))],
      object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata },
    })),
  };
}

/** Times are shown as ages. */
function cell(object: ApiObject, { jsonPath, type }: PrinterColumn): unknown {
  const value = valueAt(object, jsonPath);
  if (value === undefined || value === null) return type === 'date' ? '<unknown>' : '';
  return type === 'date' ? ageOf(Date.parse(value as string)) : value;
}

function ageOf(at: number): string {
  const seconds = Math.round((Date.now() - at) / 1000);
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)}m`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`;
}

/** The part of JSONPath that columns use: `.spec.size`, `.items[0]`, `.conditions[?(@.type=='Ready')].status`. */
function valueAt(object: ApiObject, path: string): unknown {
  const steps = path.matchAll(/\.(?<field>[\w-]+)|\[(?<index>\d+)\]|\[\?\(@\.(?<name>[\w-]+)\s*==\s*['"](?<wanted>[^'"]*)['"]\)\]/g);
  let value: unknown = object;
  for (const { groups: { field, index, name, wanted } = {} } of steps) {
    if (field !== undefined) value = (value as Record<string, unknown> | undefined)?.[field];
    else if (index !== undefined) value = (value as readonly unknown[] | undefined)?.[Number(index)];
    else value = (value as readonly Record<string, unknown>[] | undefined)?.find((item) => item[name ?? ''] === wanted);
  }
  return value;
}
