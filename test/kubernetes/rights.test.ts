import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { createApp } from '../kit/app.ts';
import type { TestApp } from '../kit/app.ts';
import { kubectl, kubectlJson } from '../kit/cluster/kubectl.ts';
import { sampleApp } from '../kit/sample-app.ts';
import { startSlipway } from '../kit/slipway.ts';
import type { Slipway } from '../kit/slipway.ts';

/** Tries each address for two seconds and says which answered. */
const knock = `
const net = require('node:net');
const tries = process.argv.slice(2).map((name) => new Promise((resolve) => {
  const [host, port] = name.split(':');
  const socket = net.connect(Number(port), host);
  const end = (state) => { socket.destroy(); resolve(name + '=' + state); };
  socket.setTimeout(2000, () => end('closed')); socket.on('connect', () => end('OPEN')); socket.on('error', () => end('closed'));
}));
Promise.all(tries).then((all) => { for (const line of all) console.log('knock ' + line); });
`;

const accounts = ['slipway:installer', 'slipway:controller', 'slipway:builder', 'slipway:tokenless', 'slipway:default', 'slipway-logs:log-agent', 'slipway-logs:default', 'slipway-builds:build', 'slipway-builds:default'];

interface Question { verb: string; resource: string; group?: string; subresource?: string; name?: string; namespace?: string }
const RBAC = 'rbac.authorization.k8s.io';
const masterKey: Question = { verb: 'get', resource: 'secrets', name: 'master-key', namespace: 'slipway' };

/** What `kubectl auth can-i --as` asks, all at once: a SubjectAccessReview for each account and question. */
async function review(asked: [account: string, question: Question][]): Promise<string[]> {
  const reviews = asked.map(([account, question]) => ({
    apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview',
    spec: { user: `system:serviceaccount:${account}`, groups: ['system:authenticated', 'system:serviceaccounts', `system:serviceaccounts:${account.split(':')[0]}`], resourceAttributes: question },
  }));
  const answered = execFileSync('kubectl', ['create', '-f', '-', '-o', 'jsonpath={.status.allowed}{"\\n"}'], { input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: reviews }), encoding: 'utf8' }).trim().split('\n');
  assert.equal(answered.length, asked.length);
  return asked.flatMap(([account, question], at) => (answered[at] === 'true' ? [`${account} may ${JSON.stringify(question)}`] : []));
}

const asController = (verb: string, object: object, ...more: string[]): Promise<string> => kubectlApplyAs('system:serviceaccount:slipway:controller', verb, object, more);

async function kubectlApplyAs(user: string, verb: string, object: object, more: string[]): Promise<string> {
  try {
    return execFileSync('kubectl', [verb, '-f', '-', '--as', user, ...more], { input: JSON.stringify(object), encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] });
  } catch (error) {
    return (error as { stderr: string }).stderr;
  }
}

describe('the rights of the platform', () => {
  const cleanups: (() => Promise<void>)[] = [];
  const scope = { after: (fn: () => Promise<void>) => { cleanups.push(fn); } };
  let slipway: Slipway;
  let victim: TestApp;
  let targets: string[];
  before(async () => {
    slipway = await startSlipway(scope);
    victim = await createApp(scope, slipway, 'victim');
    await victim.repository.commit(sampleApp('victim', 'node'));
    const push = await victim.repository.push();
    assert.equal(push.code, 0, push.output);
    const addressOf = async (namespace: string, name: string): Promise<string> => (await kubectlJson<{ spec: { clusterIP: string } }>('get', 'service', name, '-n', namespace)).spec.clusterIP;
    const endpoint = (await kubectlJson<{ subsets: { addresses: { ip: string }[]; ports: { port: number }[] }[] }>('get', 'endpoints', 'kubernetes', '-n', 'default')).subsets[0];
    const pods = (await kubectlJson<{ items: { metadata: { name: string }; status: { podIP: string } }[] }>('get', 'pods', '-n', 'slipway')).items;
    const podAt = (name: string, port: number): string => `${pods.find(({ metadata }) => metadata.name.startsWith(name))?.status.podIP}:${port}`;
    const app = (await kubectlJson<{ items: { metadata: { namespace: string }; status: { podIP: string } }[] }>('get', 'pods', '-A', '-l', `slipway.dev/app=${await rowId(victim)}`)).items.find(({ status }) => status.podIP);
    targets = [
      `${await addressOf('default', 'kubernetes')}:443`, `${endpoint?.addresses[0]?.ip}:${endpoint?.ports[0]?.port}`,
      `${await addressOf('slipway', 'nats')}:4222`, podAt('nats', 4222), podAt('nats', 8222), `${await addressOf('slipway', 'postgres')}:5432`, podAt('postgres', 5432),
      podAt('gateway', 8080), podAt('git', 8080), podAt('controller', 8081), `${app?.status.podIP}:8080`,
    ];
    assert.ok(targets.every((target) => !target.startsWith('undefined')), targets.join(' '));
  });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });

  it('include no secret of the cluster, for no account', async () => {
    const forbidden: Question[] = [
      { verb: 'get', resource: 'secrets', namespace: 'kube-system' }, { verb: 'list', resource: 'secrets' }, { verb: 'create', resource: 'pods', namespace: 'kube-system' },
      { verb: 'create', resource: 'clusterrolebindings', group: RBAC }, { verb: 'create', resource: 'pods', subresource: 'exec', namespace: 'slipway' }, { verb: 'escalate', resource: 'clusterroles', group: RBAC },
    ];
    assert.deepEqual(await review(accounts.flatMap((account) => forbidden.map((question): [string, Question] => [account, question]))), []);
    assert.deepEqual(await review(accounts.filter((account) => account !== 'slipway:installer').map((account) => [account, masterKey])), []);
    assert.equal((await review([['slipway:controller', { verb: 'create', resource: 'namespaces' }], ['slipway:installer', masterKey]])).length, 2);
    assert.equal(await kubectl('auth', 'can-i', 'get', 'secrets', '-n', 'kube-system', '--as', 'system:serviceaccount:slipway:controller').catch((error: unknown) => (error as { stdout: string }).stdout.trim()), 'no');
  });

  it('keep the controller out of namespaces that are not its own', async (t) => {
    const foreign = `foreign-${randomUUID().slice(0, 8)}`;
    await kubectl('create', 'namespace', foreign);
    t.after(() => kubectl('delete', 'namespace', foreign, '--wait=false'));
    const own = { 'app.kubernetes.io/managed-by': 'slipway' };
    const namespace = (name: string, labels: Record<string, string> = own): object => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
    const binding = (where: string, role: string, subject: { name: string; namespace: string }): object => ({
      apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', metadata: { name: 'grab', namespace: where },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role }, subjects: [{ kind: 'ServiceAccount', ...subject }],
    });
    const controller = { name: 'controller', namespace: 'slipway' };
    assert.match(await asController('create', namespace('stolen')), /may only touch namespaces whose names begin with slipway-app-/);
    assert.match(await asController('create', namespace('slipway-app-x', {})), /labelled/);
    assert.match(await asController('create', namespace('slipway-app-x', { ...own, 'pod-security.kubernetes.io/enforce': 'privileged' })), /privileged/);
    assert.match(await asController('delete', namespace(foreign)), /may only touch namespaces/);
    assert.match(await asController('create', binding('kube-system', 'slipway-app-manager', controller)), /only bind roles in the namespaces of its apps/);
    const inside = `slipway-app-${await rowId(victim)}`;
    assert.match(await asController('create', binding(inside, 'cluster-admin', controller)), /cluster-admin|attempting to grant/);
    assert.match(await asController('create', binding(inside, 'slipway-app-manager', { name: 'default', namespace: inside })), /only give rights to itself/);
    assert.match(await asController('create', binding(inside, 'slipway-app-manager', controller), '--dry-run=server'), /created/);
  });

  it('let a build reach nothing of the cluster but signed URLs', async (t) => {
    const app = await createApp(t, slipway, 'knock');
    await app.repository.commit(sampleApp('one', 'node', {
      'knock.js': knock, '.buildpacks': './pack\n', 'pack/bin/detect': '#!/bin/sh\necho knock\n',
      'pack/bin/compile': `#!/bin/sh\nls /var/run/secrets/kubernetes.io 2>&1\ncd "$1" && exec node knock.js ${targets.join(' ')}\n`,
    }));
    const push = await app.repository.push();
    assert.match(push.output, /knock /, push.output);
    assert.doesNotMatch(push.output, /OPEN/, push.output);
    assert.match(push.output, /kubernetes\.io['"]?: No such file/, 'a build has no token');
  });

  it('let an app reach nothing of the cluster', async (t) => {
    const app = await createApp(t, slipway, 'knock');
    await app.repository.commit(sampleApp('one', 'node', { 'knock.js': knock, Procfile: `web: node server.js\nrelease: ls /var/run/secrets/kubernetes.io 2>&1; node knock.js ${targets.join(' ')}\n` }));
    const push = await app.repository.push();
    assert.match(push.output, /knock /, push.output);
    assert.doesNotMatch(push.output, /OPEN/, push.output);
    assert.match(push.output, /kubernetes\.io['"]?: No such file/, 'an app has no token');
  });
});

/** The id that names an app's namespace, which tells the app's name. */
async function rowId(app: TestApp): Promise<string> {
  const { items } = await kubectlJson<{ items: { metadata: { labels: Record<string, string> } }[] }>('get', 'namespaces', '-l', `app.kubernetes.io/managed-by=slipway,slipway.dev/app-name=${app.name}`);
  assert.equal(items.length, 1, `one namespace of ${app.name}`);
  return items[0]?.metadata.labels['slipway.dev/app'] ?? '';
}
