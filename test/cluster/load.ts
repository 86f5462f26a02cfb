import { eventually } from './eventually.ts';
import { restrictedContainer } from './database.ts';
import type { Kubectl } from './kubectl.ts';
import { names } from './names.ts';

export interface Load {
  readonly answered: number;
  readonly failed: readonly string[];
}

/** A new connection for each request, as a load balancer's clients have them; ended by the file /tmp/end. */
const program = `
const http = require('node:http'); const fs = require('node:fs');
let answered = 0; const failed = [];
const request = () => new Promise((resolve) => {
  http.get({ host: '${names.release}-api', path: '/core/health/', agent: false, timeout: 5000 }, (answer) => {
    answer.resume(); answer.on('end', () => { if (answer.statusCode === 200) answered += 1; else failed.push(String(answer.statusCode)); resolve(); });
  }).on('error', (error) => { failed.push(error.code ?? error.message); resolve(); }).on('timeout', function () { this.destroy(new Error('timeout')); });
});
(async () => {
  while (!fs.existsSync('/tmp/end')) { await request(); await new Promise((resolve) => setTimeout(resolve, 20)); }
  fs.writeFileSync('/dev/termination-log', JSON.stringify({ answered, failed: failed.slice(0, 50) }));
})();`;

/** Asks the service without a pause, from a pod beside it, while `work` goes on. */
export async function underLoad(kubectl: Kubectl, image: string, work: () => Promise<void>): Promise<Load> {
  const name = 'e2e-load';
  await kubectl.remove('pods', name);
  await kubectl.apply({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: kubectl.namespace, labels: { app: name } },
    spec: {
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 65532, runAsGroup: 65532, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [{ name, image, command: ['node', '-e', program], securityContext: restrictedContainer, volumeMounts: [{ name: 'temporary', mountPath: '/tmp' }] }],
      volumes: [{ name: 'temporary', emptyDir: { sizeLimit: '16Mi' } }],
    },
  });
  await kubectl.run(['wait', 'pod', name, '--for=condition=Ready', '--timeout=2m']);
  await work();
  await kubectl.run(['exec', name, '--', 'touch', '/tmp/end']);
  const message = await eventually('the load has ended', async () => {
    const { status } = await kubectl.get('pod', name);
    const [container] = (status?.['containerStatuses'] ?? []) as readonly { readonly state?: { readonly terminated?: { readonly message?: string } } }[];
    return container?.state?.terminated?.message;
  }, 60_000);
  await kubectl.remove('pods', name);
  return JSON.parse(message) as Load;
}
