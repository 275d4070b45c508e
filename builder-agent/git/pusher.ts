import type { Pusher } from './pushes.ts';

/** A person who pushes hears something at least this often, even on a machine that is busy: it is asked for to be under 5 s. */
const SILENCE_MS = 3_000;

export interface Talk { say(line: string): void; stop(): void }

/** What is said, and in silence what goes on: a line every few seconds. */
export function keepTalking(pusher: Pusher, doing: () => string): Talk {
  const begun = Date.now();
  let lastAt = begun;
  const say = (line: string): void => { lastAt = Date.now(); pusher.say(line); };
  const timer = setInterval(() => { if (Date.now() - lastAt > SILENCE_MS) say(`       … still ${doing()} (${Math.round((Date.now() - begun) / 1000)} s)`); }, 500);
  const stop = (): void => { clearInterval(timer); };
  pusher.gone.addEventListener('abort', stop, { once: true });
  return { say, stop };
}
