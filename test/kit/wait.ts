import { inCluster } from './place.ts';

/** A look at a platform in a cluster comes a longer way, and what it waits for is slower. */
const LONGEST_PAUSE_MS = inCluster ? 250 : 100;

/** Waits until the condition holds, looking often at first and then less; fails after `within` ms with what was waited for. */
export async function until(condition: () => boolean | Promise<boolean>, { within, what }: { within: number; what: () => string }): Promise<void> {
  const deadline = Date.now() + within;
  let lastError: unknown;
  for (let pauseMs = 20; ; pauseMs = Math.min(pauseMs * 1.25, LONGEST_PAUSE_MS)) {
    try {
      if (await condition()) return;
      lastError = undefined;
    } catch (error) { lastError = error; }
    if (Date.now() > deadline) throw new Error(`not within ${within} ms: ${what()}${lastError === undefined ? '' : ` (${lastError instanceof Error ? lastError.message : 'an error'})`}`);
    await new Promise((resolve) => { setTimeout(resolve, pauseMs); });
  }
}
