import { dumpYaml } from '@kubernetes/client-node';
import { type Definition, definitions } from '../../src/kubernetes/resources/definitions.ts';
import { group } from '../../src/kubernetes/resources/names.ts';

/** The chart's templates of our kinds, by file name: `npm run docs:crds` writes them, a test compares. */
export function definitionTemplates(): ReadonlyMap<string, string> {
  return new Map(definitions().map((definition) => [`${definition.spec.names.plural}.yaml`, templateOf(definition)]));
}

/** Templates, not Helm's `crds/` folder: that one is never upgraded. Kept on uninstall, for with a definition go all its objects. */
function templateOf({ apiVersion, kind, metadata, spec }: Definition): string {
  // Without apiVersion and kind: else client-node's model of a definition would drop the x-kubernetes fields.
  const body = dumpYaml({ spec }, { noRefs: true, lineWidth: 160 });
  return `{{- /* Written by npm run docs:crds from src/kubernetes/resources. Do not edit. */}}
{{- if .Values.crds.install }}
apiVersion: ${apiVersion}
kind: ${kind}
metadata:
  name: ${metadata.name}
  labels:
    app.kubernetes.io/part-of: ${group.split('.')[0]}
  {{- if .Values.crds.keep }}
  annotations:
    helm.sh/resource-policy: keep
  {{- end }}
${body}{{- end }}
`;
}
