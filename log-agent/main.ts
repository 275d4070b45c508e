import { mkdirSync } from 'node:fs';
import { z } from 'zod';
import { busOptions, connectBus } from '../bus/connect.ts';
import { busEnv, readEnv } from '../service/env.ts';
import { run } from '../service/run.ts';
import { startLogAgent } from './agent.ts';

run('log-agent', async ({ log, onStop }) => {
  const env = readEnv({ ...busEnv, SLIPWAY_LOG_DIR: z.string().min(1) });
  mkdirSync(env.SLIPWAY_LOG_DIR, { recursive: true, mode: 0o700 });
  const bus = await connectBus(busOptions('log-agent', env));
  onStop(() => bus.close());
  const agent = await startLogAgent({ bus, dir: env.SLIPWAY_LOG_DIR, log });
  onStop(() => agent.stop());
});
