import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { configManifest, namespaceManifest, networkPolicyManifest, roleBindingManifest } from './app-manifests.ts';
import { commandManifest } from './command-manifest.ts';
import { configName } from './names.ts';
import { deploymentManifest, podSpec, programHash, resourcesOf, templateHash, templateOf } from './process-manifests.ts';
import type { ProcessTemplate } from './process-manifests.ts';
import { ingressManifest, serviceManifest } from './web-manifests.ts';

const appId = '019400d1-5b5c-7000-8000-000000000001';
const settings = { platformNamespace: 'slipway', ingressClass: 'traefik', ingressNamespace: 'traefik', appsDomain: 'apps.example.com', privateCidrs: ['10.0.0.0/8'], drainSeconds: 5, pullSecret: false };
const release = { id: '019400d1-5b5c-7000-8000-000000000007', version: 7, slugDigest: 'ab', image: `registry/app@sha256:${'a'.repeat(64)}`, stack: 'debian-12', configFingerprint: 'f1', keepsReplicas: false, live: false };
const process = { type: 'web', command: 'node server.js', quantity: 2, memoryBytes: 512 * 1024 * 1024, restarts: 0, replace: [] };
const template = (more: Partial<ProcessTemplate> = {}): ProcessTemplate => ({ ...templateOf({ appId, name: 'blog' }, release, process), ...more });

describe('the manifests of an app', () => {
  it('its namespace keeps pods to the rules of restricted', () => {
    assert.deepEqual(namespaceManifest(appId, 'blog').metadata, {
      name: `slipway-app-${appId}`,
      labels: { 'app.kubernetes.io/managed-by': 'slipway', 'slipway.dev/app': appId, 'slipway.dev/app-name': 'blog', 'pod-security.kubernetes.io/enforce': 'restricted' },
    });
    assert.deepEqual(roleBindingManifest(appId, settings).roleRef.name, 'slipway-app-manager');
  });

  it('nothing goes in or out but what is named', () => {
    assert.deepEqual(networkPolicyManifest(appId, settings).spec, {
      podSelector: {}, policyTypes: ['Ingress', 'Egress'],
      ingress: [{ from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'traefik' } } }], ports: [{ protocol: 'TCP', port: 8080 }] }, { from: [{ podSelector: {} }] }],
      egress: [
        { to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } } }], ports: [{ protocol: 'UDP', port: 53 }, { protocol: 'TCP', port: 53 }] },
        { to: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['10.0.0.0/8'] } }] }, { to: [{ podSelector: {} }] },
      ],
    });
  });

  it('its internet has IPv6 where it is said what is private there, each range excepted from its own family', () => {
    const privateCidrs = ['10.0.0.0/8', 'fc00::/7', '192.168.0.0/16', 'fe80::/10'];
    assert.deepEqual(networkPolicyManifest(appId, { ...settings, privateCidrs }).spec?.egress?.[1]?.to, [
      { ipBlock: { cidr: '0.0.0.0/0', except: ['10.0.0.0/8', '192.168.0.0/16'] } }, { ipBlock: { cidr: '::/0', except: ['fc00::/7', 'fe80::/10'] } },
    ]);
  });

  it('its config is a Secret by content, with values as they came', () => {
    const secret = configManifest(appId, 'f1', [{ key: 'A', value: 'eA==' }]);
    assert.deepEqual([secret.metadata?.name, secret.immutable, secret.data], [configName('f1'), true, { A: 'eA==' }]);
  });

  it('requests go from its host, and those of its former names, to what the Service selects', () => {
    assert.deepEqual(ingressManifest(appId, ['blog', 'diary'], settings).spec?.rules?.map(({ host }) => host), ['blog.apps.example.com', 'diary.apps.example.com']);
    const labels = deploymentManifest(template(), { replicas: 1, hold: false }, settings).spec?.template.metadata?.labels ?? {};
    for (const [key, value] of Object.entries(serviceManifest(appId).spec?.selector ?? {})) assert.equal(labels[key], value);
  });
});

describe('the pod of a program', () => {
  it('runs as nobody in particular, may do nothing, and gets no token', () => {
    const pod = podSpec(template(), settings);
    assert.deepEqual(pod.securityContext, { runAsNonRoot: true, runAsUser: 1000, runAsGroup: 1000, seccompProfile: { type: 'RuntimeDefault' } });
    assert.deepEqual(pod.containers[0]?.securityContext, { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } });
    assert.deepEqual([pod.automountServiceAccountToken, pod.enableServiceLinks, pod.shareProcessNamespace, pod.imagePullSecrets], [false, false, true, undefined]);
    assert.deepEqual(podSpec(template(), { pullSecret: true }).imagePullSecrets, [{ name: 'registry' }]);
  });

  const commands: [string, Partial<ProcessTemplate>, string[] | undefined][] = [
    ['of a slug goes to the entrypoint as one argument', { command: 'a; b "c" && d' }, ['/bin/bash', '/slipway/entrypoint.sh', '/app', 'a; b "c" && d']],
    ['keeps its dollars, which Kubernetes would take for itself', { command: 'echo $$ $(PORT) $HOME' }, ['/bin/bash', '/slipway/entrypoint.sh', '/app', 'echo $$$$ $$(PORT) $$HOME']],
    ['of a Dockerfile\'s image goes to its shell', { stack: 'container', command: 'serve' }, ['/bin/sh', '-c', 'serve']],
    ['is the image\'s own where there is none', { stack: 'container', command: '' }, undefined],
  ];
  for (const [name, more, expected] of commands) it(`the command ${name}`, () => { assert.deepEqual(podSpec(template(more), settings).containers[0]?.command, expected); });

  const sizes: [number, object][] = [
    [512, { requests: { cpu: '20m', memory: '256Mi', 'ephemeral-storage': '64Mi' }, limits: { cpu: '1', memory: '512Mi', 'ephemeral-storage': '4Gi' } }],
    [4096, { requests: { cpu: '160m', memory: '2Gi', 'ephemeral-storage': '64Mi' }, limits: { cpu: '8', memory: '4Gi', 'ephemeral-storage': '4Gi' } }],
    [64, { requests: { cpu: '10m', memory: '32Mi', 'ephemeral-storage': '64Mi' }, limits: { cpu: '500m', memory: '64Mi', 'ephemeral-storage': '4Gi' } }],
  ];
  for (const [megabytes, expected] of sizes) it(`of ${megabytes} MB`, () => { assert.deepEqual(resourcesOf(megabytes * 1024 * 1024), expected); });
});

describe('the Deployment of a process type', () => {
  const deployment = (more: Partial<ProcessTemplate> = {}, hold = false) => deploymentManifest(template(more), { replicas: 2, hold }, settings);

  it('has no field that names the release', () => {
    const text = JSON.stringify(deployment());
    assert.ok(!text.includes(release.id) && !/"7"|slipway.dev\/release/.test(text), text);
  });

  it('starts all of the new beside the old, which it keeps while it is told to hold', () => {
    assert.deepEqual(deployment().spec?.strategy, { type: 'RollingUpdate', rollingUpdate: { maxSurge: '100%', maxUnavailable: 0 } });
    assert.equal(deployment().spec?.minReadySeconds, undefined);
    const held = deployment({}, true).spec;
    assert.ok(held?.minReadySeconds && (held.progressDeadlineSeconds ?? 0) > held.minReadySeconds);
    assert.deepEqual(held.template, deployment().spec?.template);
  });

  it('of web waits until it listens, and stops it after its last request came', () => {
    const pod = deployment().spec?.template.spec;
    assert.deepEqual(pod?.containers[0]?.readinessProbe?.tcpSocket, { port: 8080 });
    assert.deepEqual([pod?.containers[0]?.lifecycle?.preStop?.sleep?.seconds, pod?.terminationGracePeriodSeconds], [5, 35]);
    const worker = deployment({ process: 'worker' }).spec?.template.spec;
    assert.deepEqual([worker?.containers[0]?.readinessProbe, worker?.terminationGracePeriodSeconds], [undefined, 30]);
  });

  const changes: [string, Partial<ProcessTemplate>, boolean, boolean][] = [
    ['nothing', {}, true, true], ['config', { config: 'config-other' }, true, false], ['image', { image: 'other' }, false, false], ['command', { command: 'other' }, false, false],
    ['size', { memoryBytes: 1 }, false, false], ['restarts', { restarts: 1 }, false, false],
  ];
  for (const [what, more, sameProgram, sameTemplate] of changes) {
    it(`is ${sameTemplate ? 'the same' : 'another'} with another ${what}`, () => {
      assert.equal(programHash(template(more)) === programHash(template()), sameProgram);
      assert.equal(templateHash(template(more)) === templateHash(template()), sameTemplate);
    });
  }
});

describe('the Job of a command', () => {
  it('runs once, has a deadline, and says whose it is', () => {
    const job = commandManifest({ id: `release-${release.id}`, appId, appName: 'blog', release, process: 'release', command: 'migrate', memoryBytes: 1024 ** 3, seconds: 600 }, settings);
    assert.deepEqual([job.spec?.backoffLimit, job.spec?.template.spec?.restartPolicy, job.spec?.template.spec?.activeDeadlineSeconds], [0, 'Never', 600]);
    assert.deepEqual([job.metadata?.labels?.['slipway.dev/command'], job.spec?.template.metadata?.annotations?.['slipway.dev/release']], [`release-${release.id}`, '7']);
  });
});
