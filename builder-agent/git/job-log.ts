import type { Bus } from '../../bus/connect.ts';
import { logBatch } from '../../bus/log.ts';
import type { LogBatch } from '../../bus/log.ts';
import { getLastLogBatch, getLogBatch, onConnection, onLogBatch } from '../../bus/log-store.ts';
import type { StoredBatch } from '../../bus/log-store.ts';

export interface JobLogOptions { bus: Bus; appId: string; /** The job's own (logSubject). */ subject: string; say(line: string): void; signal: AbortSignal }

export interface JobLog {
  /** The job has ended: resolves when its log is complete, or nothing more of it comes. `expected`: the job has run, so there is a log. */
  after(expected: boolean): Promise<void>;
  /** Whether any of it has come. */
  begun(): boolean;
  stop(): void;
}

/** The end of a log comes after its last line, and a job's verdict by another way: for this long of silence the one waits for the other. */
const END_MS = 3_000;
const HEAL_MS = 2_000;

/** Prints the lines of a build or a release command as they come into the log stream, in order, each once; lines that are missing are told. */
export function followJobLog({ bus, appId, subject, say, signal }: JobLogOptions): JobLog {
  const print = createPrinter(say);
  let next = 1;
  let stopped = false;
  let isComplete = false;
  let reading: Promise<void> | null = null;
  let again = false;
  let lastAt = Date.now();
  let complete: () => void = () => undefined;
  const completed = new Promise<void>((resolve) => { complete = resolve; });

  const readAll = async (): Promise<void> => {
    while (!stopped) {
      again = false;
      // No stream yet, or NATS away for a moment: the next wake-up reads on from where we are.
      const stored = await getLogBatch(bus, appId, next, subject).catch(() => null);
      if (!stored) { if (again) continue; return; }
      // Awaited after a stop, it is nobody's any more.
      if (stopped) return;
      next = stored.seq + 1;
      lastAt = Date.now();
      if (print(stored)) { isComplete = true; stop(); }
    }
  };
  const wake = (): void => {
    if (stopped) return;
    again = true;
    reading ??= readAll().finally(() => { reading = null; if (again && !stopped) wake(); });
  };
  /** NATS may be back without its data: then the log goes on in a new stream, which counts from 1. */
  const readOn = async (): Promise<void> => {
    const last = await getLastLogBatch(bus, appId, subject).catch(() => undefined);
    if (last !== undefined && (last?.seq ?? 0) < next - 1) next = 1;
    wake();
  };
  const subscription = onLogBatch(bus, subject, wake);
  const stopConnection = onConnection(bus, (state) => { if (state === 'back') void readOn(); });
  const healing = setInterval(wake, HEAL_MS);
  const stop = (): void => {
    if (stopped) return;
    stopped = true;
    subscription.unsubscribe();
    stopConnection();
    clearInterval(healing);
    signal.removeEventListener('abort', stop);
    complete();
  };
  signal.addEventListener('abort', stop, { once: true });
  wake();
  return {
    stop,
    begun: () => next > 1,
    after: async (expected) => {
      const since = Date.now();
      const patience = expected ? END_MS : 0;
      const timer = setInterval(() => { if (!reading && Date.now() - Math.max(since, lastAt) >= patience) stop(); }, Math.min(patience, 100));
      wake();
      await completed;
      clearInterval(timer);
      if (expected && !isComplete && !signal.aborted) say(' !     The rest of the output has not arrived; `slipway logs` will have it.');
    },
  };
}

/** Prints one batch after the other; answers whether it was the log's last. */
function createPrinter(say: (line: string) => void): (stored: StoredBatch) => boolean {
  const decoder = new TextDecoder();
  // The ordinal that the next batch should go on from: what it says itself tells of batches that retention dropped between.
  let expected = 0;
  const tellMissing = (lines: number | null): void => { if (lines !== 0) say(` !     ${lines ?? 'Some'} lines of the output are missing here.`); };
  return ({ data }) => {
    const batch = parseBatch(decoder.decode(data));
    if (!batch) { tellMissing(null); return false; }
    const { gap, position, lines, end } = batch;
    if (typeof position?.s === 'number' && typeof position.n === 'number') {
      tellMissing(Math.max(0, position.s - expected));
      expected = position.n;
    }
    if (gap) tellMissing(gap.lines);
    for (const [, , , text] of lines) say(text);
    return end === true;
  };
}

/** Null: not one of ours. It must not end a server that would read it again at its next start. */
function parseBatch(text: string): LogBatch | null {
  try { return logBatch.parse(JSON.parse(text)); } catch { return null; }
}
