import { z } from 'zod';
import { type Kind, type KindName, kinds, type PrinterColumn } from './kinds.ts';
import { group, version } from './names.ts';

/** The part of a JSON schema that a cluster takes: a structural schema of OpenAPI 3. */
export interface StructuralSchema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, StructuralSchema>>;
  readonly additionalProperties?: StructuralSchema;
  readonly items?: StructuralSchema;
  readonly required?: readonly string[];
  readonly [keyword: string]: unknown;
}

/** What tells a cluster of a kind. */
export interface Definition {
  readonly apiVersion: 'apiextensions.k8s.io/v1';
  readonly kind: 'CustomResourceDefinition';
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly group: string;
    readonly scope: 'Namespaced';
    readonly names: Pick<Kind, 'kind' | 'plural' | 'singular' | 'shortNames'> & { readonly listKind: string; readonly categories: readonly string[] };
    readonly versions: readonly {
      readonly name: string;
      readonly served: boolean;
      readonly storage: boolean;
      readonly subresources: { readonly status: Readonly<Record<string, never>> };
      readonly additionalPrinterColumns: readonly PrinterColumn[];
      readonly schema: { readonly openAPIV3Schema: StructuralSchema };
    }[];
  };
}

/** `kubectl get holdfast` lists all kinds of it. */
const category = 'holdfast';

export function definitionOf(name: KindName): Definition {
  const { kind, plural, singular, shortNames, description, columns, spec, status }: Kind = kinds[name];
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind, listKind: `${kind}List`, plural, singular, shortNames, categories: [category] },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: columns,
          schema: {
            openAPIV3Schema: {
              type: 'object',
              description,
              required: ['spec'],
              properties: { apiVersion: { type: 'string' }, kind: { type: 'string' }, metadata: { type: 'object' }, spec: structural(spec), status: structural(status) },
            },
          },
        },
      ],
    },
  };
}

export function definitions(): Definition[] {
  return (Object.keys(kinds) as KindName[]).map(definitionOf);
}

function structural(schema: z.ZodType): StructuralSchema {
  return simplify(z.toJSONSchema(schema, { io: 'input', target: 'openapi-3.0' }) as StructuralSchema);
}

/**
 * Structural schemas take no `additionalProperties: false` (a cluster prunes what it does not know) and no `propertyNames`; of
 * times the format says it all, and integers have theirs in place of JavaScript's bounds.
 */
function simplify({ propertyNames: _names, additionalProperties, items, pattern, properties, ...rest }: StructuralSchema): StructuralSchema {
  const timeOrInteger = rest['format'] === 'date-time' ? {} : pattern === undefined ? {} : { pattern };
  const fields = Object.entries(properties ?? {}).map(([name, field]) => [name, simplify(field)] as const);
  return {
    ...withoutSafeBounds(rest),
    ...timeOrInteger,
    ...(fields.length > 0 && { properties: Object.fromEntries(fields) }),
    ...(typeof additionalProperties === 'object' && Object.keys(additionalProperties).length > 0 && { additionalProperties: simplify(additionalProperties) }),
    ...(items !== undefined && { items: simplify(items) }),
  };
}

function withoutSafeBounds({ minimum, maximum, ...rest }: StructuralSchema): StructuralSchema {
  if (rest.type !== 'integer') return { ...rest, ...(minimum !== undefined && { minimum }), ...(maximum !== undefined && { maximum }) };
  return {
    ...rest,
    format: 'int64',
    ...(minimum !== Number.MIN_SAFE_INTEGER && { minimum }),
    ...(maximum !== Number.MAX_SAFE_INTEGER && { maximum }),
  };
}
