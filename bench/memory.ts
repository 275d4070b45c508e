import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Slipway } from '../test/kit/slipway.ts';
import { until } from '../test/kit/wait.ts';
import type { Row } from './row.ts';

/** Resident memory of every process at rest; the floor is a bare Node that does nothing. */
export async function measureMemory(slipway: Slipway, node: string): Promise<Row[]> {
  const record = JSON.parse(readFileSync(join(slipway.home, 'run/processes.json'), 'utf8')) as Record<string, { pid: number }>;
  await until(async () => (await slipway.get('/readyz')).status === 200, { within: 10_000, what: () => 'the platform is ready' });
  const floor = Number(execFileSync(node, ['-p', 'process.memoryUsage.rss()'], { encoding: 'utf8' })) / 1024 / 1024;
  return Object.entries(record).map(([name, { pid }]) => {
    const rss = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
    const isNode = name !== 'postgres' && name !== 'nats';
    return { what: `memory idle: ${name}`, ours: `${rss.toFixed(0)} MB`, floor: isNode ? `${floor.toFixed(0)} MB` : '-', ratio: isNode ? (rss / floor).toFixed(2) : '-' };
  });
}
