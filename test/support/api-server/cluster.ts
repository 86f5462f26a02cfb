import type { ApiObject } from './api-object.ts';
import { typesOfDefinition } from './definitions.ts';
import { ObjectStore } from './object-store.ts';
import { noSuchPath, notFound } from './refusal.ts';
import { builtInTypes, type ResourceType, storageKey } from './resource-types.ts';

const definitions = 'apiextensions.k8s.io/customresourcedefinitions';

/** What is served and what is stored. */
export class Cluster {
  readonly store = new ObjectStore();
  #custom: readonly ResourceType[] = [];

  constructor() {
    this.store.listen(definitions, () => {
      this.#custom = this.store.all(definitions).flatMap(typesOfDefinition);
    });
  }

  get types(): readonly ResourceType[] { return [...builtInTypes, ...this.#custom]; }

  type({ group, version, plural }: Pick<ResourceType, 'group' | 'version' | 'plural'>): ResourceType {
    const found = [builtInTypes, this.#custom].flatMap((types) => types.find((type) => type.plural === plural && type.group === group && type.version === version) ?? []);
    if (found[0] === undefined) throw noSuchPath();
    return found[0];
  }

  typeOfKind(apiVersion: string, kind: string): ResourceType | undefined {
    return this.types.find((type) => type.kind === kind && apiVersion === (type.group === '' ? type.version : `${type.group}/${type.version}`));
  }

  read(type: ResourceType, namespace: string | undefined, name: string): ApiObject {
    const object = this.store.get(storageKey(type), `${namespace ?? ''}/${name}`);
    if (object === undefined) throw notFound(type, name);
    return object;
  }
}
