import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { outdatedConfigs } from './config.ts';

describe('the configs of old releases', () => {
  const now = Date.parse('2026-11-26T12:00:00Z');
  const secrets = Array.from({ length: 15 }, (_, age) => ({ metadata: { name: `config-${age}`, creationTimestamp: new Date(now - age * 3_600_000) } }));
  const cases: [string, string[], [string, number][], string[]][] = [
    ['go but for the last ten', [], [], ['config-10', 'config-11', 'config-12', 'config-13', 'config-14']],
    ['stay where something runs with them', ['config-14', 'config-0'], [], ['config-11', 'config-12', 'config-13']],
    ['stay where they were needed just now', [], [['config-12', now - 60_000], ['config-13', now - 3_600_000]], ['config-10', 'config-11', 'config-13', 'config-14']],
  ];
  for (const [name, running, needed, expected] of cases) it(name, () => { assert.deepEqual(outdatedConfigs(secrets, running, new Map(needed), now), expected); });
});
