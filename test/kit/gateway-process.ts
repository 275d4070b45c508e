// A gateway in a process of its own, whose memory can be measured; it says by IPC where it is, and what is asked of it.
import { createApp } from '../../platform/app/app.ts';
import { startGateway } from './gateway.ts';

const cleanups: (() => Promise<void>)[] = [];
const gateway = await startGateway({ after: (fn) => { cleanups.push(fn); } });
const user = await gateway.createUser();
const apps = await Promise.all(['fuzz-one', 'fuzz-two'].map((name) => createApp(gateway.platform, user.actor, { name })));

process.on('message', (ask: 'measure' | 'user') => { void answer(ask); });
let stopping = false;
for (const event of ['disconnect', 'SIGTERM'] as const) process.on(event, () => { void stop(); });
process.send?.({ socketPath: gateway.socketPath, secret: user.secret, ids: apps.flatMap(({ id, name }) => [id, name]) });

async function answer(ask: 'measure' | 'user'): Promise<void> {
  if (ask === 'user') { process.send?.({ secret: (await gateway.createUser()).secret }); return; }
  for (let again = 0; again < 3; again++) { globalThis.gc?.(); await new Promise((resolve) => { setTimeout(resolve, 50); }); }
  const { heapUsed, rss } = process.memoryUsage();
  process.send?.({ heapMB: heapUsed / 1e6, rssMB: rss / 1e6 });
}

async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  for (const cleanup of cleanups.reverse()) await cleanup();
  process.exit(0);
}
