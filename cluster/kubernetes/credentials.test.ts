import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { makeTemp } from '../../test/kit/temp.ts';
import { readCredentials } from './credentials.ts';
import { readKubeconfig, readPodAccess } from './kubeconfig.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('credentials for the API server', () => {
  const kubeconfig = (dir: string, user: object, cluster: object = {}): string => {
    const path = join(dir, 'kubeconfig');
    writeFileSync(path, JSON.stringify({
      apiVersion: 'v1', kind: 'Config', 'current-context': 'here', contexts: [{ name: 'there', context: { cluster: 'x', user: 'x' } }, { name: 'here', context: { cluster: 'c', user: 'u' } }],
      clusters: [{ name: 'c', cluster: { server: 'https://kube.test:6443', ...cluster } }], users: [{ name: 'u', user }],
    }));
    return path;
  };

  it('are a token', async (t) => {
    const credentials = readCredentials(kubeconfig(await makeTemp(t, 'slip-kube-'), { token: 'secret' }));
    assert.equal(credentials.server.href, 'https://kube.test:6443/');
    assert.equal(await credentials.authorization(), 'Bearer secret');
  });

  it('are a token in a file beside the kubeconfig, which is read again once it is refused', async (t) => {
    const dir = await makeTemp(t, 'slip-kube-');
    writeFileSync(join(dir, 'token'), 'one\n');
    const credentials = readCredentials(kubeconfig(dir, { tokenFile: 'token' }));
    assert.equal(await credentials.authorization(), 'Bearer one');
    writeFileSync(join(dir, 'token'), 'two\n');
    assert.equal(await credentials.authorization(), 'Bearer one');
    credentials.refused();
    assert.equal(await credentials.authorization(), 'Bearer two');
  });

  it('are a certificate, in the kubeconfig or in files', async (t) => {
    const dir = await makeTemp(t, 'slip-kube-');
    writeFileSync(join(dir, 'key.pem'), 'KEY');
    const credentials = readCredentials(kubeconfig(dir, { 'client-certificate-data': base64('CERT'), 'client-key': 'key.pem' }, { 'certificate-authority-data': base64('CA'), 'tls-server-name': 'other.test' }));
    assert.deepEqual(await credentials.tls(), { ca: 'CA', cert: 'CERT', key: 'KEY', servername: 'other.test' });
    assert.equal(await credentials.authorization(), undefined);
  });

  it('are what a program prints', async (t) => {
    const answer = JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status: { token: 'printed' } });
    const path = kubeconfig(await makeTemp(t, 'slip-kube-'), { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: process.execPath, args: ['-p', JSON.stringify(answer)], interactiveMode: 'Never' } });
    assert.equal(readKubeconfig(path).isPlain, false);
    assert.equal(await readCredentials(path).authorization(), 'Bearer printed');
  });

  it('are those of its account in a pod, at an address of either kind', async (t) => {
    const dir = await makeTemp(t, 'slip-kube-');
    assert.equal(readPodAccess({ KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '6443' }, dir).server.href, 'https://10.0.0.1:6443/');
    const access = readPodAccess({ KUBERNETES_SERVICE_HOST: 'fd00::1' }, dir);
    assert.equal(access.server.href, 'https://[fd00::1]/');
    assert.deepEqual([access.ca, access.token], [{ file: join(dir, 'ca.crt') }, { file: join(dir, 'token') }]);
  });

  it('say what to do where there are none', async (t) => {
    assert.throws(() => readPodAccess({}), /set KUBECONFIG/);
    const path = join(await makeTemp(t, 'slip-kube-'), 'kubeconfig');
    writeFileSync(path, 'apiVersion: v1\nkind: Config\nclusters: []\ncontexts: []\nusers: null\n');
    assert.throws(() => readCredentials(path), /kubectl config use-context/);
    writeFileSync(path, 'clusters: 7');
    assert.throws(() => readCredentials(path), /cannot be used/);
  });
});
