/** Waits until the condition holds, looking often at first and then every 100 ms; fails after `within` ms with what was waited for. */
export async function until(condition: () => boolean | Promise<boolean>, { within, what }: { within: number; what: () => string }): Promise<void> {
  const deadline = Date.now() + within;
  let lastError: unknown;
  for (let pauseMs = 20; ; pauseMs = Math.min(pauseMs * 1.25, 100)) {
    try {
      if (await condition()) return;
      lastError = undefined;
    } catch (error) { lastError = error; }
    if (Date.now() > deadline) throw new Error(`not within ${within} ms: ${what()}${lastError === undefined ? '' : ` (${lastError instanceof Error ? lastError.message : 'an error'})`}`);
    await new Promise((resolve) => { setTimeout(resolve, pauseMs); });
  }
}
