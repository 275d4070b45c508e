import { mkdirSync } from 'node:fs';
import { z } from 'zod';
import { readEnv } from '../service/env.ts';
import type { Logger } from '../service/log.ts';
import { createLocalLogSources } from './local/log-sources.ts';
import type { LogSources } from './log-sources.ts';

/** The log sources of this node, of the cluster that SLIPWAY_CLUSTER names. What only one of them needs is not loaded for the other. */
export async function openLogSources(log: Logger, signal: AbortSignal): Promise<LogSources> {
  const { SLIPWAY_CLUSTER } = readEnv({ SLIPWAY_CLUSTER: z.enum(['local', 'kubernetes']).default('local') });
  if (SLIPWAY_CLUSTER === 'kubernetes') return (await import('./kubernetes/open-log-sources.ts')).openKubernetesLogSources(signal);
  const { SLIPWAY_LOG_DIR } = readEnv({ SLIPWAY_LOG_DIR: z.string().min(1) });
  mkdirSync(SLIPWAY_LOG_DIR, { recursive: true, mode: 0o700 });
  return createLocalLogSources(SLIPWAY_LOG_DIR, log);
}
