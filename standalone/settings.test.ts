import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { homedir } from 'node:os';
import { describe, it } from 'node:test';
import { childEnv } from '../test/kit/child-env.ts';
import { readSettings } from './settings.ts';

/** What a start with these settings says, and its exit code. */
function readElsewhere(env: Record<string, string>): { status: number | null; said: string } {
  const source = `import { readSettings } from ${JSON.stringify(new URL('settings.ts', import.meta.url).href)}; readSettings();`;
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', source], { env: { ...childEnv(), ...env }, encoding: 'utf8' });
  return { status, said: stderr };
}

describe('the settings of a start', () => {
  it('have defaults for one machine', () => {
    assert.deepEqual(readSettings({}), {
      home: `${homedir()}/.slipway`, port: 4000, domain: 'localhost', listen: '127.0.0.1', email: 'admin@localhost.localdomain', url: 'http://localhost:4000',
      databaseUrl: undefined, natsUrl: undefined, natsSeedDir: undefined,
    });
  });

  it('count as unset when they are empty', () => { assert.equal(readSettings({ SLIPWAY_PORT: '', DATABASE_URL: '' }).port, 4000); });

  it('make the public origin, unless a proxy before it has another', () => {
    assert.equal(readSettings({ SLIPWAY_DOMAIN: 'example.org', SLIPWAY_PORT: '80' }).url, 'http://example.org:80');
    assert.equal(readSettings({ SLIPWAY_URL: 'https://example.org' }).url, 'https://example.org');
  });

  it('are checked all at once: every mistake is named, with what would be right', () => {
    const { status, said } = readElsewhere({
      SLIPWAY_PORT: 'x', SLIPWAY_EMAIL: 'foo', DATABASE_URL: 'mysql://x', NATS_URL: 'http://x', SLIPWAY_DOMAIN: 'A_B', SLIPWAY_LISTEN: 'everywhere', SLIPWAY_URL: 'x',
    });
    assert.equal(status, 1);
    assert.deepEqual(said.trim().split('\n').map((line) => line.trim()).sort(), [
      'DATABASE_URL: must be a postgresql:// URL', 'NATS_URL: must be a nats:// or tls:// URL',
      'SLIPWAY_DOMAIN: must be a domain name in lower case', 'SLIPWAY_EMAIL: must be an e-mail address', 'SLIPWAY_LISTEN: must be an IP address of this machine',
      'SLIPWAY_NATS_SEED_DIR: must be set with NATS_URL: the folder for the keys by which our processes log in to it',
      'SLIPWAY_PORT: must be a port from 1 to 65535', 'SLIPWAY_URL: must be an http:// or https:// URL', 'These settings are wrong:',
    ]);
  });
});
