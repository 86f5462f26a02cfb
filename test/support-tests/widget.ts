/** A custom resource with a bit of everything that definitions can say. */
export const widgetDefinition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.dev' },
  spec: {
    group: 'example.dev',
    scope: 'Namespaced',
    names: { kind: 'Widget', plural: 'widgets', singular: 'widget', shortNames: ['wdg'], categories: ['all'] },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        additionalPrinterColumns: [
          { name: 'Size', type: 'integer', jsonPath: '.spec.size' },
          { name: 'Ready', type: 'string', jsonPath: ".status.conditions[?(@.type=='Ready')].status" },
          { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
        ],
        schema: {
          openAPIV3Schema: {
            type: 'object',
            required: ['spec'],
            properties: {
              spec: {
                type: 'object',
                required: ['size'],
                'x-kubernetes-validations': [
                  { rule: "!has(self.color) || self.color != 'none' || self.size == 0", message: 'only what is empty has no colour' },
                  { rule: 'self.size >= oldSelf.size', message: 'a widget never shrinks' },
                ],
                properties: {
                  size: { type: 'integer', minimum: 0, maximum: 100 },
                  color: { type: 'string', enum: ['red', 'blue', 'none'], default: 'red' },
                  label: { type: 'string', pattern: '^[a-z]+$', maxLength: 8 },
                  extra: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
                  parts: {
                    type: 'array',
                    'x-kubernetes-list-type': 'map',
                    'x-kubernetes-list-map-keys': ['name'],
                    items: { type: 'object', required: ['name'], properties: { name: { type: 'string' }, weight: { type: 'integer' }, unit: { type: 'string', default: 'kg' } } },
                  },
                  tags: { type: 'array', items: { type: 'string' } },
                },
              },
              status: {
                type: 'object',
                properties: {
                  conditions: {
                    type: 'array',
                    'x-kubernetes-list-type': 'map',
                    'x-kubernetes-list-map-keys': ['type'],
                    items: { type: 'object', required: ['type', 'status'], properties: { type: { type: 'string' }, status: { type: 'string' } } },
                  },
                  at: { type: 'string', format: 'date-time' },
                },
              },
            },
          },
        },
      },
    ],
  },
};

export function widget(name: string, spec: object = { size: 1 }): { apiVersion: string; kind: string; metadata: { name: string; namespace: string }; spec: object } {
  return { apiVersion: 'example.dev/v1', kind: 'Widget', metadata: { name, namespace: 'default' }, spec };
}
