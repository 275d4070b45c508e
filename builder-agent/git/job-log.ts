import type { Bus } from '../../bus/connect.ts';
import type { LogBatch } from '../../bus/log.ts';
import { getLogBatch, onConnection, onLogBatch } from '../../bus/log-store.ts';

export interface JobLogOptions { bus: Bus; appId: string; /** The job's own (logSubject). */ subject: string; say(line: string): void; signal: AbortSignal }

export interface JobLog {
  /** Resolves when the log is complete; or when its end does not come in time after the job's. `expected`: the job has run, so there is a log. */
  after(expected: boolean): Promise<void>;
  /** Whether any of it has come. */
  begun(): boolean;
}

/** The end of a log comes after its last line, and a job's verdict by another way: this long the one waits for the other. */
const END_MS = 3_000;
const HEAL_MS = 2_000;

/** Prints the lines of a build or a release command as they come into the log stream, in order, each once. */
export function followJobLog({ bus, appId, subject, say, signal }: JobLogOptions): JobLog {
  const decoder = new TextDecoder();
  let next = 1;
  let stopped = false;
  let reading: Promise<void> | null = null;
  let again = false;
  let complete: () => void = () => undefined;
  const completed = new Promise<void>((resolve) => { complete = resolve; });

  const readAll = async (): Promise<void> => {
    for (;;) {
      again = false;
      // No stream yet, or NATS away for a moment: the next wake-up reads on from where we are.
      const stored = await getLogBatch(bus, appId, next, subject).catch(() => null);
      if (stored) {
        next = stored.seq + 1;
        const batch = JSON.parse(decoder.decode(stored.data)) as LogBatch;
        if (batch.gap) say(` !     ${batch.gap.lines ?? 'Some'} lines of the output are missing here.`);
        for (const [, , , text] of batch.lines) say(text);
        if (batch.end) { finish(); return; }
      } else if (!again) return;
    }
  };
  const wake = (): void => {
    if (stopped) return;
    again = true;
    reading ??= readAll().finally(() => { reading = null; if (again && !stopped) wake(); });
  };
  const subscription = onLogBatch(bus, subject, wake);
  const stopReconnect = onConnection(bus, (state) => { if (state === 'back') wake(); });
  const healing = setInterval(wake, HEAL_MS);
  const finish = (): void => {
    if (stopped) return;
    stopped = true;
    subscription.unsubscribe();
    stopReconnect();
    clearInterval(healing);
    complete();
  };
  signal.addEventListener('abort', finish, { once: true });
  wake();
  return {
    begun: () => next > 1,
    after: async (expected) => {
      const timer = setTimeout(finish, expected ? END_MS : 0);
      wake();
      await completed;
      clearTimeout(timer);
    },
  };
}
