import type { ApiObject } from './api-object.ts';
import type { PrinterColumn, ResourceType } from './resource-types.ts';
import type { Schema } from './schema/schema.ts';

interface DefinitionSpec {
  readonly group: string;
  readonly scope: 'Namespaced' | 'Cluster';
  readonly names: { readonly plural: string; readonly singular?: string; readonly kind: string; readonly shortNames?: readonly string[]; readonly categories?: readonly string[] };
  readonly versions: readonly {
    readonly name: string;
    readonly served: boolean;
    readonly schema: { readonly openAPIV3Schema: Schema };
    readonly subresources?: { readonly status?: object };
    readonly additionalPrinterColumns?: readonly PrinterColumn[];
  }[];
}

/** The resources that a CustomResourceDefinition makes. */
export function typesOfDefinition(definition: ApiObject): ResourceType[] {
  const { group, scope, names, versions } = definition['spec'] as DefinitionSpec;
  return versions.filter(({ served }) => served).map((version) => ({
    group,
    version: version.name,
    plural: names.plural,
    singular: names.singular ?? names.kind.toLowerCase(),
    kind: names.kind,
    namespaced: scope === 'Namespaced',
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    status: version.subresources?.status !== undefined,
    scaled: false,
    counted: true,
    schema: version.schema.openAPIV3Schema,
    ...(version.additionalPrinterColumns !== undefined && { columns: version.additionalPrinterColumns }),
  }));
}

/** What a definition's status says once it is served, as `kubectl wait --for=condition=Established` asks. */
export function establishedStatus(definition: ApiObject, at: string): object {
  const { names, versions } = definition['spec'] as DefinitionSpec;
  const condition = (type: string, reason: string) => ({ type, status: 'True', reason, message: '', lastTransitionTime: at });
  return {
    acceptedNames: { listKind: `${names.kind}List`, singular: names.kind.toLowerCase(), ...names },
    conditions: [condition('NamesAccepted', 'NoConflicts'), condition('Established', 'InitialNamesAccepted')],
    storedVersions: versions.map(({ name }) => name),
  };
}
