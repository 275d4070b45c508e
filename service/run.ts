import { flushCompileCache } from 'node:module';
import { openHealthDoor } from './health.ts';
import { createLog } from './log.ts';
import type { Logger } from './log.ts';
import { startTracing } from './trace.ts';

export interface Service {
  log: Logger;
  /** Aborts when the process is to stop: take no new work. */
  signal: AbortSignal;
  /** Registers what to close; closed in reverse order, each awaited. */
  onStop(close: () => unknown): void;
}

/** How long stopping may take before the process ends itself, unless it says otherwise. */
const STOP_SECONDS = 20;

/**
 * The frame of every process: starts `main`, tells the supervisor "ready" when it resolves, stops on SIGTERM or SIGINT
 * (signal, then closers in reverse order), and ends with code 1 on anything unexpected. Ends too when its supervisor is gone.
 * Traces are told to a collector where OpenTelemetry's variables name one (trace.ts). In a cluster it answers probes at SLIPWAY_HEALTH_LISTEN (host:port).
 */
export function run(name: string, main: (service: Service) => Promise<void>, stopSeconds = STOP_SECONDS): void {
  const log = createLog(name);
  const stopping = new AbortController();
  const closers: (() => unknown)[] = [];
  const crash = (error: unknown): void => { log.fatal({ error }, 'crashed'); process.exit(1); };
  const stop = async (reason: string): Promise<void> => {
    if (stopping.signal.aborted) return;
    log.debug({ reason }, 'stopping');
    setTimeout(() => { log.error(`not stopped after ${stopSeconds} s`); process.exit(1); }, stopSeconds * 1000).unref();
    stopping.abort(new Error(reason));
    for (const close of closers.reverse()) await close();
    process.exit(0);
  };
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => { stop(signal).catch(crash); });
  process.on('disconnect', () => { stop('the supervisor is gone').catch(crash); });
  let ready = false;
  const start = async (): Promise<void> => {
    const probes = process.env.SLIPWAY_HEALTH_LISTEN;
    if (probes) await openHealthDoor(probes, () => ready && !stopping.signal.aborted);
    // Closed last: what the others do at their end is told too.
    closers.push(await startTracing(name, log));
    await main({ log, signal: stopping.signal, onStop: (close) => { closers.push(close); } });
  };
  start().then(
    () => { ready = true; log.debug('ready'); process.send?.('ready'); flushCompileCache(); },
    (error: unknown) => { if (!stopping.signal.aborted) crash(error); },
  );
}
