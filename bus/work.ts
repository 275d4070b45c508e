import { AckPolicy, RetentionPolicy, StorageType } from '@nats-io/jetstream';
import type { Consumer, JetStreamManager, JsMsg } from '@nats-io/jetstream';
import type { z } from 'zod';
import type { Bus } from './connect.ts';
import { onConnection } from './log-store.ts';
import type { Work } from './message.ts';
import { inTraceOf, traceOption } from './trace.ts';

const AGAIN_MS = 1_000;

/** Makes the queue where it is missing, now and whenever NATS was away: it may come back without its data. Answers how to stop. */
export async function keepWork(bus: Bus, queue: Work<z.ZodType>, onError: (error: unknown, subject: string) => void): Promise<() => void> {
  await ensureWork(bus.jsm, queue);
  let retry: NodeJS.Timeout | undefined;
  const again = (): void => {
    clearTimeout(retry);
    ensureWork(bus.jsm, queue).catch((error: unknown) => {
      if (bus.nc.isClosed()) return;
      onError(error, queue.subject);
      retry = setTimeout(again, AGAIN_MS);
    });
  };
  const stop = onConnection(bus, (state) => { if (state === 'back') again(); });
  return () => { stop(); clearTimeout(retry); };
}

/** Makes a work queue's stream and its consumer where they are missing. Needs the gateway's rights. */
export async function ensureWork(jsm: JetStreamManager, queue: Work<z.ZodType>): Promise<void> {
  await jsm.streams.add({
    name: queue.stream, subjects: [queue.subject], retention: RetentionPolicy.Workqueue, storage: StorageType.File,
    max_bytes: 64 * 1024 * 1024, max_msg_size: 64 * 1024, duplicate_window: 120e9,
  });
  await jsm.consumers.add(queue.stream, {
    durable_name: consumerName(queue), ack_policy: AckPolicy.Explicit, ack_wait: 30e9, max_ack_pending: 1000,
  });
}

const consumerName = (queue: Work<z.ZodType>): string => `${queue.stream}_workers`;

/** Publishes and waits for the ack: after it, the work survives everything but the loss of NATS' data (a sweep publishes again from the rows). The same `onceId` within two minutes is the same message. */
export async function enqueue<S extends z.ZodType>(bus: Bus, queue: Work<S>, payload: z.input<S>, onceId?: string): Promise<void> {
  await bus.js.publish(queue.subject, JSON.stringify(payload), { msgID: onceId, ...traceOption() });
}

export type WorkVerdict = 'done' | { retryInMs: number };

/**
 * Takes work, `concurrency` at a time, until the signal, each in the trace that it was asked for in; `handle` answers whether it is done with. A message that does not parse is dropped.
 * A handler that throws is handed to `onError`, and its message comes again in 5 s.
 */
export async function takeWork<S extends z.ZodType>(
  bus: Bus, queue: Work<S>, concurrency: number, handle: (payload: z.output<S>) => Promise<WorkVerdict>, onError: (error: unknown, subject: string) => void, signal: AbortSignal,
): Promise<void> {
  const consumer = await bus.js.consumers.get(queue.stream, consumerName(queue));
  const running = new Set<Promise<void>>();
  while (!signal.aborted) {
    const message = await nextMessage(consumer, signal);
    if (!message) continue;
    if (signal.aborted) { message.nak(); break; }
    const task = inTraceOf(message, () => handleOne(queue, message, handle, onError)).finally(() => running.delete(task));
    running.add(task);
    if (running.size >= concurrency) await Promise.race(running);
  }
  await Promise.all(running);
}

const PULL_MS = 5_000;

/** One message, or null after a while. A pull that a restarted server knows nothing of would never end by itself. */
async function nextMessage(consumer: Consumer, signal: AbortSignal): Promise<JsMsg | null> {
  const pull = await consumer.fetch({ max_messages: 1, expires: PULL_MS });
  const end = (): void => { void pull.close(); };
  const timer = setTimeout(end, PULL_MS + 1_000);
  signal.addEventListener('abort', end, { once: true });
  try {
    for await (const message of pull) return message;
    return null;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
  }
}

async function handleOne<S extends z.ZodType>(queue: Work<S>, message: JsMsg, handle: (payload: z.output<S>) => Promise<WorkVerdict>, onError: (error: unknown, subject: string) => void): Promise<void> {
  const parsed = queue.schema.safeParse(message.json());
  if (!parsed.success) { onError(parsed.error, queue.subject); message.term(); return; }
  const keepAlive = setInterval(() => message.working(), 10_000);
  try {
    const verdict = await handle(parsed.data);
    if (verdict === 'done') message.ack(); else message.nak(verdict.retryInMs);
  } catch (error) {
    onError(error, queue.subject);
    message.nak(5_000);
  } finally {
    clearInterval(keepAlive);
  }
}
