import { type Check, containerCheck, podCheck } from './check.ts';

const lasting = ['Deployment'];
const highId = 10_000;

/** What the tools ask of a container. */
export const containerChecks: readonly Check[] = [
  containerCheck(['kube-score container-resources', 'kubesec RequestsCPU', 'Polaris cpuRequestsMissing', 'Trivy KSV-0015'], ({ resources }) => resources?.requests?.['cpu'] !== undefined),
  containerCheck(['kubesec LimitsCPU', 'Polaris cpuLimitsMissing', 'Trivy KSV-0011'], ({ resources }) => resources?.limits?.['cpu'] !== undefined),
  containerCheck(['kubesec RequestsMemory', 'Polaris memoryRequestsMissing', 'Trivy KSV-0016'], ({ resources }) => resources?.requests?.['memory'] !== undefined),
  containerCheck(['kubesec LimitsMemory', 'Polaris memoryLimitsMissing', 'Trivy KSV-0018'], ({ resources }) => resources?.limits?.['memory'] !== undefined),
  containerCheck(
    ['kube-score container-ephemeral-storage-request-and-limit'],
    ({ resources }) => resources?.requests?.['ephemeral-storage'] !== undefined && resources.limits?.['ephemeral-storage'] !== undefined,
  ),
  containerCheck(['kube-score container-image-tag', 'Polaris tagNotSpecified', 'Trivy KSV-0013'], ({ image }) => /:[^:/@]+(@|$)/.test(image) && !/:latest(@|$)/.test(image)),
  containerCheck(['image digest'], ({ image }) => /@sha256:[0-9a-f]{64}$/.test(image)),
  containerCheck(['kube-score container-image-pull-policy', 'Polaris pullPolicyNotAlways'], ({ imagePullPolicy }) => imagePullPolicy === 'Always'),
  containerCheck(['kube-score container-security-context-privileged', 'kubesec Privileged', 'Polaris runAsPrivileged', 'Trivy KSV-0017'], ({ securityContext }) => securityContext?.privileged !== true),
  containerCheck(['kubesec AllowPrivilegeEscalation', 'Polaris privilegeEscalationAllowed', 'Trivy KSV-0001'], ({ securityContext }) => securityContext?.allowPrivilegeEscalation === false),
  containerCheck(
    ['kube-score container-security-context-readonlyrootfilesystem', 'kubesec ReadOnlyRootFilesystem', 'Polaris notReadOnlyRootFilesystem', 'Trivy KSV-0014'],
    ({ securityContext }) => securityContext?.readOnlyRootFilesystem === true,
  ),
  containerCheck(['kubesec CapDropAll', 'Polaris insecureCapabilities', 'Trivy KSV-0003', 'Trivy KSV-0106'], ({ securityContext }) => securityContext?.capabilities?.drop?.includes('ALL') === true),
  containerCheck(['kubesec CapSysAdmin', 'Polaris dangerousCapabilities', 'Trivy KSV-0005', 'Trivy KSV-0022', 'Trivy KSV-0119'], ({ securityContext }) => (securityContext?.capabilities?.add ?? []).length === 0),
  containerCheck(['Trivy KSV-0027'], ({ securityContext }) => securityContext?.procMount === undefined),
  containerCheck(['kube-score container-ports-check', 'Polaris hostPortSet', 'Trivy KSV-0024', 'Trivy KSV-0117'], ({ ports = [] }) => ports.every(({ name, hostPort, containerPort }) => name !== undefined && hostPort === undefined && containerPort >= 1024)),
  containerCheck(['kube-score environment-variable-key-duplication'], ({ env = [] }) => new Set(env.map(({ name }) => name)).size === env.length),
  // What is secret by its name may only be told by the file that holds it; and no variable comes from a Secret.
  containerCheck(
    ['Polaris sensitiveContainerEnvVar', 'kubesec SecretsInEnv'],
    ({ env = [] }) => env.every(({ name, valueFrom }) => (!/PASSWORD|SECRET|TOKEN|KEY|DSN|CREDENTIALS/.test(name) || name.endsWith('_FILE')) && !(valueFrom && 'secretKeyRef' in valueFrom)),
  ),
  containerCheck(['no password in an address'], ({ env = [] }) => env.every(({ value }) => !/:\/\/[^/@]*:[^/@]+@/.test(value ?? ''))),
  containerCheck(['kubesec DockerSock', 'Trivy KSV-0006'], ({ volumeMounts = [] }) => volumeMounts.every(({ mountPath }) => !mountPath.includes('docker.sock'))),
  podCheck(['Polaris livenessProbeMissing', 'Polaris readinessProbeMissing', 'kube-score pod-probes'], (pod, { kind }) =>
    lasting.includes(kind) ? pod.spec.containers.filter(({ livenessProbe, readinessProbe, startupProbe }) => !livenessProbe || !readinessProbe || !startupProbe).map(({ name }) => `container ${name}`) : [],
  ),
  podCheck(['kube-score pod-probes-identical'], (pod, { kind }) =>
    lasting.includes(kind) ? pod.spec.containers.filter(({ livenessProbe, readinessProbe }) => requestOf(livenessProbe) === requestOf(readinessProbe)).map(({ name }) => `container ${name}`) : [],
  ),
  podCheck(['kube-score container-security-context-user-group-id', 'kubesec RunAsUser', 'Trivy KSV-0020', 'Trivy KSV-0021'], ({ spec }) => {
    const { runAsUser, runAsGroup } = spec.securityContext ?? {};
    return [runAsUser, runAsGroup].every((id) => id !== undefined && id > highId) ? [] : ['user or group'];
  }),
  podCheck(['kubesec RunAsNonRoot', 'Polaris runAsRootAllowed', 'Trivy KSV-0012'], ({ spec }) => (spec.securityContext?.runAsNonRoot === true ? [] : ['runAsNonRoot'])),
  podCheck(['kube-score container-seccomp-profile', 'Polaris linuxHardening', 'Trivy KSV-0030', 'Trivy KSV-0104'], ({ spec }) => (spec.securityContext?.seccompProfile?.type === 'RuntimeDefault' ? [] : ['seccompProfile'])),
];

function requestOf(probe: object | undefined): string {
  return JSON.stringify(probe && 'httpGet' in probe ? probe.httpGet : probe);
}
