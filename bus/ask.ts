import { RequestError, TimeoutError } from '@nats-io/transport-node';
import type { Msg, Subscription } from '@nats-io/transport-node';
import type { z } from 'zod';
import { inSpan, inStep } from '../service/trace.ts';
import type { Bus } from './connect.ts';
import type { Notice, Query } from './message.ts';
import { inTraceOf, traceOfMessage, traceOption } from './trace.ts';

/** A refusal that travels: `code` is stable, `message` is for people. `UNAVAILABLE`: nobody answered, try again. */
export class BusError extends Error {
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

type Reply = { ok: unknown } | { error: { code: string; message: string } };

/** Asks once. Throws BusError: the answerer's refusal, or `UNAVAILABLE` when there is no answer within `timeoutMs`. */
export function ask<Q extends z.ZodType, A extends z.ZodType>(bus: Bus, query: Query<Q, A>, payload: z.input<Q>, timeoutMs = 10_000): Promise<z.output<A>> {
  return inStep(`ask ${query.subject}`, { kind: 'client', attributes: attributesOf(query.subject, 'send') }, async () => {
    const message = await bus.nc.request(query.subject, JSON.stringify(payload), { timeout: timeoutMs, ...traceOption() }).catch((error: unknown) => {
      if (error instanceof RequestError || error instanceof TimeoutError || bus.nc.isClosed()) {
        throw new BusError('UNAVAILABLE', `No answer to ${query.subject}.`, { cause: error });
      }
      throw error;
    });
    const reply = message.json<Reply>();
    if ('error' in reply) throw new BusError(reply.error.code, reply.error.message);
    return query.reply.parse(reply.ok);
  });
}

const attributesOf = (subject: string, operation: 'send' | 'process'): Record<string, string> => ({ 'messaging.system': 'nats', 'messaging.destination.name': subject, 'messaging.operation.type': operation });

/** An answerer that was killed while it was asked never answers: the first attempt does not wait for it as long as for one that is slow. */
const FIRST_PATIENCE_MS = 2_500;
const LONGEST_PATIENCE_MS = 10_000;

/** Asks until there is an answer or a refusal other than `UNAVAILABLE`, with growing patience and pauses; stops with the signal's reason. What is asked twice must be as if it was asked once. */
export async function askUntilAnswered<Q extends z.ZodType, A extends z.ZodType>(bus: Bus, query: Query<Q, A>, payload: z.input<Q>, signal: AbortSignal): Promise<z.output<A>> {
  let patience = FIRST_PATIENCE_MS;
  for (let pause = 100; ; pause = Math.min(pause * 2, 5_000)) {
    signal.throwIfAborted();
    try {
      return await ask(bus, query, payload, patience);
    } catch (error) {
      if (!(error instanceof BusError) || error.code !== 'UNAVAILABLE') throw error;
    }
    patience = Math.min(patience * 2, LONGEST_PATIENCE_MS);
    await delay(pause * (0.75 + Math.random() / 2), signal);
  }
}

function delay(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const aborted = (): void => { clearTimeout(timer); reject(signal.reason); };
    const timer = setTimeout(() => { signal.removeEventListener('abort', aborted); resolve(); }, ms);
    signal.addEventListener('abort', aborted, { once: true });
  });
}

/**
 * Answers a query; several processes of one kind share the work by the queue group.
 * A BusError thrown by `answer` travels; any other error is handed to `onError` and travels as `INTERNAL`.
 */
export function answer<Q extends z.ZodType, A extends z.ZodType>(
  bus: Bus, query: Query<Q, A>, handle: (payload: z.output<Q>) => Promise<z.input<A>>, onError: (error: unknown, subject: string) => void,
): Subscription {
  return bus.nc.subscribe(query.subject, {
    queue: 'answer',
    callback: (error, message) => {
      if (error) { onError(error, query.subject); return; }
      void inTraceOf(message, () => reply(query, handle, message, onError).then((body) => { respond(body, message, query.subject, onError); }));
    },
  });
}

/** An answer that is larger than a message may be is a mistake of one asker's data: it must not end the process that answers all. */
function respond(body: Reply, message: Msg, subject: string, onError: (error: unknown, subject: string) => void): void {
  try {
    message.respond(JSON.stringify(body));
  } catch (error) {
    onError(error, subject);
    message.respond(JSON.stringify({ error: { code: 'INTERNAL', message: `The answer to ${subject} could not be sent; see the log.` } }));
  }
}

async function reply<Q extends z.ZodType, A extends z.ZodType>(
  query: Query<Q, A>, handle: (payload: z.output<Q>) => Promise<z.input<A>>, message: Msg, onError: (error: unknown, subject: string) => void,
): Promise<Reply> {
  try {
    const parsed = query.request.safeParse(message.json());
    if (!parsed.success) return { error: { code: 'BAD_REQUEST', message: `${query.subject}: ${parsed.error.message}` } };
    if (!traceOfMessage(message)) return { ok: await handle(parsed.data) };
    return { ok: await inSpan(`answer ${query.subject}`, { kind: 'server', attributes: attributesOf(query.subject, 'process') }, () => handle(parsed.data)) };
  } catch (error) {
    if (error instanceof BusError) return { error: { code: error.code, message: error.message } };
    onError(error, query.subject);
    return { error: { code: 'INTERNAL', message: `${query.subject} failed; see the log.` } };
  }
}

/** Sends a hint; never fails (while NATS is away it is buffered or lost, and the rows heal it). */
export function notify<S extends z.ZodType>(bus: Bus, notice: Notice<S>, payload: z.input<S>): void {
  if (bus.nc.isClosed()) return;
  bus.nc.publish(notice.subject, JSON.stringify(payload), traceOption());
}

/** Calls back for each hint, in the trace that it was sent in. What does not parse is handed to `onError`. */
export function onNotice<S extends z.ZodType>(bus: Bus, notice: Notice<S>, handle: (payload: z.output<S>) => void, onError: (error: unknown, subject: string) => void): Subscription {
  return bus.nc.subscribe(notice.subject, {
    callback: (error, message) => {
      if (error) { onError(error, notice.subject); return; }
      const parsed = notice.schema.safeParse(message.json());
      inTraceOf(message, () => { if (parsed.success) handle(parsed.data); else onError(parsed.error, notice.subject); });
    },
  });
}
