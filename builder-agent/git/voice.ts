/** What is said about a deploy: heard live by any number of pushers, and from its beginning by one who comes later. */
export interface Voice {
  say(line: string): void;
  /** Lines from the first on, then live, until the signal. */
  listen(hear: (line: string) => void, signal: AbortSignal): void;
}

/** So much of it is kept for those who come later. */
const KEPT_CHARACTERS = 1_000_000;

export function createVoice(): Voice {
  const kept: string[] = [];
  const listeners = new Set<(line: string) => void>();
  let characters = 0;
  let dropped = 0;
  return {
    say: (line) => {
      kept.push(line);
      characters += line.length;
      while (characters > KEPT_CHARACTERS && kept.length > 1) { characters -= kept.shift()?.length ?? 0; dropped++; }
      for (const hear of listeners) hear(line);
    },
    listen: (hear, signal) => {
      if (signal.aborted) return;
      if (dropped > 0) hear(`       … ${dropped} earlier lines are left out here`);
      for (const line of kept) hear(line);
      listeners.add(hear);
      signal.addEventListener('abort', () => { listeners.delete(hear); }, { once: true });
    },
  };
}
