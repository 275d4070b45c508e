import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { parse, parseAllDocuments } from 'yaml';
import { secretNames } from '../installer/secrets.ts';

interface Container { name: string; image: string; command?: string[]; resources?: { requests?: object; limits?: object }; readinessProbe?: object; livenessProbe?: object; securityContext?: Record<string, unknown>; volumeMounts?: { name: string; readOnly?: boolean }[] }
interface Volume { name: string; persistentVolumeClaim?: { claimName: string }; hostPath?: { path: string }; secret?: { secretName: string } }
interface PodSpec { automountServiceAccountToken?: boolean; serviceAccountName?: string; securityContext?: Record<string, unknown>; initContainers?: Container[]; containers: Container[]; volumes?: Volume[] }
interface Manifest {
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string>; annotations?: Record<string, string> };
  spec: { replicas?: number; template?: { spec: PodSpec }; volumeClaimTemplates?: { metadata: { name: string }; spec: { accessModes: string[] } }[]; podSelector?: object; policyTypes?: string[]; rules?: { host: string; http: { paths: { path: string; backend: { service: { name: string } } }[] } }[] };
  rules?: { apiGroups: string[]; resources: string[]; resourceNames?: string[]; verbs: string[] }[];
}

const base = join(import.meta.dirname, 'base');
const manifests = readdirSync(base).filter((file) => file.endsWith('.yaml') && file !== 'kustomization.yaml')
  .flatMap((file) => parseAllDocuments(readFileSync(join(base, file), 'utf8')).map((document) => document.toJS() as Manifest));
const workloads = manifests.filter(({ spec }) => spec?.template);
const podOf = ({ spec }: Manifest): PodSpec => spec.template?.spec ?? { containers: [] };
const containersOf = (manifest: Manifest): Container[] => [...podOf(manifest).initContainers ?? [], ...podOf(manifest).containers];

describe('the manifests of the platform', () => {
  it('are all in the base', () => {
    const { resources } = parse(readFileSync(join(base, 'kustomization.yaml'), 'utf8')) as { resources: string[] };
    assert.deepEqual(resources.toSorted(), readdirSync(base).filter((file) => file.endsWith('.yaml') && file !== 'kustomization.yaml').sort());
  });

  it('share no volume between two pods', () => {
    for (const manifest of workloads) {
      const name = `${manifest.kind} ${manifest.metadata.name}`;
      for (const volume of podOf(manifest).volumes ?? []) assert.equal(volume.persistentVolumeClaim, undefined, `${name} names a claim: another pod could too`);
      const claims = manifest.spec.volumeClaimTemplates ?? [];
      // A claim template gives each pod a claim of its own, and this mode keeps it on one node.
      for (const claim of claims) assert.deepEqual(claim.spec.accessModes, ['ReadWriteOnce'], name);
      if (manifest.kind === 'Deployment') assert.deepEqual(claims, [], name);
      if (claims.length > 0) assert.equal(manifest.spec.replicas, 1, name);
    }
    assert.ok(!manifests.some(({ kind }) => kind === 'PersistentVolumeClaim' || kind === 'PersistentVolume'));
  });

  it('read the node only where logs are read, and write only the state of who reads them', () => {
    const onNode = workloads.flatMap((manifest) => (podOf(manifest).volumes ?? []).filter(({ hostPath }) => hostPath).map((volume) => [manifest, volume] as const));
    assert.deepEqual(onNode.map(([manifest, volume]) => [manifest.metadata.name, volume.hostPath?.path]), [['log-agent', '/var/log/pods'], ['log-agent', '/var/lib/slipway/log-agent']]);
    const mounts = workloads.find(({ metadata }) => metadata.name === 'log-agent')?.spec.template?.spec.containers[0]?.volumeMounts ?? [];
    assert.equal(mounts.find(({ name }) => name === 'pod-logs')?.readOnly, true);
  });

  it('give a token only to who talks with the API server', () => {
    const withToken = workloads.filter((manifest) => podOf(manifest).automountServiceAccountToken !== false).map(({ metadata }) => metadata.name);
    assert.deepEqual(withToken.toSorted((a, b) => a.localeCompare(b)), ['builder', 'controller', 'installer', 'log-agent']);
    for (const account of manifests.filter(({ kind }) => kind === 'ServiceAccount')) assert.equal((account as unknown as PodSpec).automountServiceAccountToken, false, account.metadata.name);
  });

  it('ask and limit, probe and box in every container', () => {
    for (const manifest of workloads) {
      for (const container of containersOf(manifest)) {
        const name = `${manifest.metadata.name}/${container.name}`;
        assert.ok(container.resources?.requests && container.resources.limits, `${name} has requests and limits`);
        assert.deepEqual(container.securityContext?.capabilities, { drop: ['ALL'] }, name);
        assert.equal(container.securityContext?.allowPrivilegeEscalation, false, name);
        assert.equal(container.securityContext?.readOnlyRootFilesystem, true, name);
      }
      for (const container of podOf(manifest).containers) assert.ok(container.readinessProbe && container.livenessProbe, `${container.name} is probed`);
      if (manifest.metadata.namespace === 'slipway') assert.equal(podOf(manifest).securityContext?.runAsNonRoot, true, manifest.metadata.name);
    }
    const levels = Object.fromEntries(manifests.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => [metadata.name, metadata.labels?.['pod-security.kubernetes.io/enforce']]));
    assert.deepEqual(levels, { slipway: 'restricted', 'slipway-builds': 'baseline', 'slipway-logs': 'privileged' });
  });

  it('run programs that are in the image, with all that they import', () => {
    const root = join(base, '../..');
    const kept = readFileSync(join(root, '.dockerignore'), 'utf8').split('\n').filter((line) => line.startsWith('!')).map((line) => line.slice(1));
    const needed = new Set(workloads.flatMap(containersOf).flatMap(({ command }) => (command?.[0] === 'node' ? [command[1] ?? ''] : [])));
    for (const file of needed) {
      assert.ok(kept.includes(file.split('/')[0] ?? ''), `${file} is not in the image: see .dockerignore`);
      for (const [, path = ''] of readFileSync(join(root, file), 'utf8').matchAll(/(?:from|import|import\()\s*'(\.[^']+\.ts)'/g)) needed.add(join(dirname(file), path));
    }
    assert.ok(needed.size > 100);
  });

  it('close every namespace to the network but for what is named', () => {
    const closed = manifests.filter(({ kind, spec }) => kind === 'NetworkPolicy' && JSON.stringify(spec.podSelector) === '{}' && spec.policyTypes?.length === 2).map(({ metadata }) => metadata.namespace);
    assert.deepEqual(closed.toSorted((a = '', b = '') => a.localeCompare(b)), ['slipway', 'slipway-builds', 'slipway-logs']);
  });

  it('lead every host of an app without a replica to the gateway, after all other rules', () => {
    const ingresses = manifests.filter(({ kind }) => kind === 'Ingress');
    const wildcards = ingresses.filter(({ spec }) => spec.rules?.some(({ host }) => host.startsWith('*.')));
    assert.deepEqual(wildcards.map(({ metadata }) => metadata.name), ['apps']);
    const [apps] = wildcards;
    assert.deepEqual(apps?.spec.rules?.flatMap(({ http }) => http.paths.map(({ path, backend }) => [path, backend.service.name])), [['/', 'gateway']]);
    // Traefik goes by the length of a rule where nobody says otherwise.
    assert.deepEqual(ingresses.map(({ metadata }) => [metadata.name, metadata.annotations?.['traefik.ingress.kubernetes.io/router.priority']]), [['api', undefined], ['git', undefined], ['apps', '1']]);
    const { replacements } = parse(readFileSync(join(base, 'kustomization.yaml'), 'utf8')) as { replacements: { source: { fieldPath: string }; targets: { select: { name?: string }; options?: object }[] }[] };
    const host = replacements.find(({ targets }) => targets.some(({ select }) => select.name === 'apps'));
    assert.deepEqual([host?.source.fieldPath, host?.targets[0]?.options], ['data.SLIPWAY_APPS_DOMAIN', { delimiter: '.', index: 1 }], 'all that follows the first dot of "*.…" is the domain');
    assert.equal(apps?.spec.rules?.[0]?.host.split('.').length, 2);
  });

  it('let nobody read secrets of the whole cluster, and the installer only those it makes', () => {
    const clusterRoles = manifests.filter(({ kind, metadata }) => kind === 'ClusterRole' && metadata.name !== 'slipway-app-manager');
    for (const role of clusterRoles) for (const rule of role.rules ?? []) assert.ok(!rule.resources.some((resource) => ['secrets', '*', 'pods/exec', 'nodes'].includes(resource)), role.metadata.name);
    // The manager's role is bound in app namespaces alone: no ClusterRoleBinding names it.
    assert.ok(!manifests.some((manifest) => manifest.kind === 'ClusterRoleBinding' && JSON.stringify(manifest).includes('slipway-app-manager')));
    const own = manifests.filter(({ kind, metadata }) => kind === 'Role' && metadata.name === 'installer').flatMap(({ rules = [] }) => rules).flatMap(({ resourceNames = [] }) => resourceNames);
    assert.deepEqual(own.sort(), [...secretNames, 'first-user'].sort());
    for (const role of manifests.filter(({ kind }) => kind === 'Role' || kind === 'ClusterRole')) for (const rule of role.rules ?? []) assert.ok(!rule.verbs.includes('*') && !rule.resources.includes('*'), role.metadata.name);
  });

  it('mount each key where it is needed and nowhere else', () => {
    const mounted = (secret: string): string[] => workloads.filter((manifest) => podOf(manifest).volumes?.some((volume) => volume.secret?.secretName === secret)).map(({ metadata }) => metadata.name).sort();
    const wanted = { 'master-key': ['controller', 'gateway'], 'blob-key': ['blobs'], 'bus-server': ['nats'], 'bus-gateway': ['gateway'], 'bus-controller': ['controller'], 'bus-git': ['git'], 'bus-build': ['builder'], 'bus-log-agent': ['log-agent'] };
    assert.deepEqual(Object.fromEntries(secretNames.map((name) => [name, mounted(name)])), wanted);
  });
});
