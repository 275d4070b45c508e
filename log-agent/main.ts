import { openLogSources } from '../cluster/open-log-sources.ts';
import { busOptions, connectBus } from '../bus/connect.ts';
import { busEnv, readEnv } from '../service/env.ts';
import { run } from '../service/run.ts';
import { startLogAgent } from './agent.ts';

run('log-agent', async ({ log, signal, onStop }) => {
  const env = readEnv(busEnv);
  const sources = await openLogSources(log, signal);
  const bus = await connectBus(busOptions('log-agent', env));
  onStop(() => bus.close());
  const agent = await startLogAgent({ bus, sources, log });
  onStop(() => agent.stop());
});
