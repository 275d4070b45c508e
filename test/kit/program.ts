// A process in the frame of all of ours, for tests of the frame and of the supervisor.
import { writeFileSync } from 'node:fs';
import { run } from '../../service/run.ts';

run('program', async ({ onStop }) => {
  if (process.env.MODE === 'crash') throw new Error('cannot start');
  const timer = setInterval(() => undefined, 1000);
  onStop(() => { clearInterval(timer); if (process.env.NOTE) writeFileSync(process.env.NOTE, 'stopped'); });
  await Promise.resolve();
});
