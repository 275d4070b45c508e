import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parseAllDocuments, stringify } from 'yaml';
import { createApp } from '../kit/app.ts';
import { installPlatform, OVERLAY, removePlatform } from '../kit/cluster/install.ts';
import { kubectl } from '../kit/cluster/kubectl.ts';
import { takeTurnAlone } from '../kit/cluster/turn.ts';
import { RollBack, SetConfig } from '../kit/documents.ts';
import { sampleApp } from '../kit/sample-app.ts';
import { startSlipway } from '../kit/slipway.ts';
import { makeTemp } from '../kit/temp.ts';
import { until } from '../kit/wait.ts';

const NAMESPACE = ['-n', 'slipway'];
const SECRETS = ['master-key', 'first-user'];
/** In the order of docs/kubernetes.md, with the user that each belongs to. PostgreSQL's is copied while it is stopped, as the images of test clusters have no pg_dump. */
const VOLUMES = { git: 1000, blobs: 1000, postgres: 999 };
type Part = keyof typeof VOLUMES;
const parts = Object.keys(VOLUMES) as Part[];

async function backUp(dir: string): Promise<void> {
  for (const part of parts) {
    if (part === 'postgres') await kubectl('scale', ...NAMESPACE, 'statefulset/postgres', '--replicas=0');
    await withVolume(dir, part, [], (pod) => kubectl('cp', `${pod}:/data`, join(dir, part)));
  }
  for (const name of SECRETS) await writeFile(join(dir, `${name}.yaml`), await kubectl('get', 'secret', name, ...NAMESPACE, '-o', 'yaml'));
}

async function restore(dir: string): Promise<void> {
  const all = parseAllDocuments(await kubectl('kustomize', OVERLAY)).map((document) => document.toJS() as { kind: string; metadata: { name: string }; spec: { volumeClaimTemplates?: { spec: object }[] } });
  await apply(dir, 'namespace', all.filter(({ kind, metadata }) => kind === 'Namespace' && metadata.name === 'slipway'));
  for (const name of SECRETS) await kubectl('apply', '-f', join(dir, `${name}.yaml`));
  for (const part of parts) {
    const { spec } = all.find(({ kind, metadata }) => kind === 'StatefulSet' && metadata.name === part)?.spec.volumeClaimTemplates?.[0] ?? assert.fail(part);
    const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: `data-${part}-0`, namespace: 'slipway' }, spec };
    await withVolume(dir, part, [claim], (pod) => kubectl('cp', `${join(dir, part)}/.`, `${pod}:/data`));
  }
}

/** Acts while a pod has the volume of a part at /data. */
async function withVolume(dir: string, part: Part, claim: object[], act: (pod: string) => Promise<unknown>): Promise<void> {
  await apply(dir, `volume-${part}`, [...claim, {
    apiVersion: 'v1', kind: 'Pod', metadata: { name: `copies-${part}`, namespace: 'slipway' },
    spec: {
      automountServiceAccountToken: false, terminationGracePeriodSeconds: 1, securityContext: { runAsNonRoot: true, runAsUser: VOLUMES[part], runAsGroup: VOLUMES[part], fsGroup: VOLUMES[part], seccompProfile: { type: 'RuntimeDefault' } },
      containers: [{ name: 'copies', image: 'debian:12', command: ['sleep', 'infinity'], securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } }, volumeMounts: [{ name: 'data', mountPath: '/data' }] }],
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName: `data-${part}-0` } }],
    },
  }]);
  await kubectl('wait', ...NAMESPACE, '--for=condition=Ready', `pod/copies-${part}`, '--timeout=120s');
  await act(`slipway/copies-${part}`);
  await kubectl('delete', ...NAMESPACE, 'pod', `copies-${part}`);
}

async function apply(dir: string, name: string, documents: object[]): Promise<void> {
  const file = join(dir, `${name}.yaml`);
  await writeFile(file, documents.map((document) => stringify(document)).join('---\n'));
  await kubectl('apply', '-f', file);
}

describe('a platform that is lost with its cluster', () => {
  it('comes back from its backup: apps serve as they did, with their ledger and config, take pushes and roll back', async (t) => {
    await takeTurnAlone(t);
    const slipway = await startSlipway(t);
    const app = await createApp(t, slipway, 'restored');
    await app.repository.commit(sampleApp('one', 'node'));
    assert.equal((await app.repository.push()).code, 0);
    await app.repository.commit({ 'version.txt': 'two\n' });
    assert.equal((await app.repository.push()).code, 0);
    await slipway.query(SetConfig, { app: app.name, set: [{ key: 'MODE', value: 'blue', sealed: true }] });
    const before = await app.untilState('v3 is live', ({ currentRelease }) => currentRelease?.version === 3 && currentRelease.status === 'LIVE');

    const dir = await makeTemp(t, 'slip-backup-');
    await backUp(dir);
    await removePlatform();
    await restore(dir);
    await installPlatform();

    // The restored rows tell of replicas that are gone; the controller makes others.
    await until(async () => (await slipway.get('/', { app: app.name })).text === 'version two blue', { within: 180_000, what: () => 'the app serves as it did' });
    const after = await app.state();
    assert.deepEqual(after.releases, before.releases);
    assert.deepEqual(after.builds, before.builds);
    assert.equal(await app.repository.git('ls-remote', 'slipway', 'refs/heads/main'), `${await app.repository.git('rev-parse', 'HEAD')}\trefs/heads/main`);

    await slipway.query(RollBack, { app: app.name, to: 1, scope: 'CODE' });
    await app.untilState('v4 is live', ({ currentRelease }) => currentRelease?.version === 4 && currentRelease.status === 'LIVE');
    assert.equal(await app.read(), 'version one blue');
    await app.repository.commit({ 'version.txt': 'three\n' });
    const push = await app.repository.push();
    assert.equal(push.code, 0, push.output);
    assert.equal(await app.read(), 'version three blue');
  });
});
