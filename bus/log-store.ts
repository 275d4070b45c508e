import { DiscardPolicy, JetStreamApiError, RetentionPolicy, StorageType } from '@nats-io/jetstream';
import type { StreamInfo } from '@nats-io/jetstream';
import { headers, RequestError } from '@nats-io/transport-node';
import type { Msg, Subscription } from '@nats-io/transport-node';
import type { Bus } from './connect.ts';
import { BusError } from './ask.ts';
import { logStreamName } from './log.ts';
import { withTraceHeaders } from './trace.ts';

/** One message of an app's stream. `storedAt` is the server's clock, in milliseconds. */
export interface StoredBatch { seq: number; subject: string; storedAt: number; data: Uint8Array }

/** The app has no stream: it was never made, NATS lost its data, or the app is deleted. */
export class LogStreamMissing extends Error {}

/** A batch with another sequence than expected is the subject's last: somebody (or a lost ack of ours) was here before. */
export class LogConflict extends Error {}

/** `epoch` changes when the stream is made anew; sequences of two epochs have nothing to do with each other. An empty stream has `firstSeq` = `lastSeq` + 1. */
export interface LogStreamState { epoch: number; firstSeq: number; lastSeq: number; messages: number; bytes: number }

/** Error codes of JetStream. */
const WRONG_LAST_SEQUENCE = 10_071;
const NO_STREAM = 10_059;
const NO_MESSAGE = 10_037;
const OTHER_LIMITS = 10_058;

/** A NATS that is killed answers nothing: short, so that reading goes on soon after it is back. */
const TIMEOUT_MS = 2_500;

const decoder = new TextDecoder();

/** Stores one batch if the subject's last one has the sequence `expectedSeq` (0: there is none). Answers its own. Throws LogConflict, LogStreamMissing; anything else: it may be stored or not. */
export async function publishLogBatch(bus: Bus, subject: string, data: Uint8Array | string, expectedSeq: number): Promise<number> {
  const header = headers();
  header.set('Nats-Expected-Last-Subject-Sequence', String(expectedSeq));
  const reply = await request(bus, subject, data, withTraceHeaders(header));
  const ack = reply.json<{ seq?: number; error?: { err_code: number; description: string } }>();
  if (ack.error?.err_code === WRONG_LAST_SEQUENCE) throw new LogConflict(ack.error.description);
  if (ack.error || ack.seq === undefined) throw new Error(`A log batch was not stored: ${ack.error?.description ?? decoder.decode(reply.data)}`);
  return ack.seq;
}

/** The first message at or after `seq`, of all the app's subjects or of one; null: there is none (yet). Throws LogStreamMissing. */
export async function getLogBatch(bus: Bus, appId: string, seq: number, subject = `logs.${appId}.>`): Promise<StoredBatch | null> {
  const query = JSON.stringify({ seq: Math.max(1, seq), next_by_subj: subject });
  const reply = await request(bus, `$JS.API.DIRECT.GET.${logStreamName(appId)}`, query).catch(async (error: unknown) => {
    // Where there is no stream, nobody answers.
    await getLastLogBatch(bus, appId, subject);
    throw error;
  });
  const header = reply.headers;
  if (header?.code === 404) return null;
  const found = Number(header?.get('Nats-Sequence'));
  if (!header || header.code >= 400 || !found) throw new Error(`The log of app ${appId} could not be read: ${header?.code ?? ''} ${header?.description ?? 'no headers'}`);
  return { seq: found, subject: header.get('Nats-Subject'), storedAt: Date.parse(header.get('Nats-Time-Stamp')), data: reply.data };
}

interface GetReply { message?: { seq: number; subject: string; time: string; data?: string }; error?: { err_code: number; description: string } }

/** The last message of a subject; null: there is none, or retention dropped it. Throws LogStreamMissing. */
export async function getLastLogBatch(bus: Bus, appId: string, subject: string): Promise<StoredBatch | null> {
  const reply = await request(bus, `$JS.API.STREAM.MSG.GET.${logStreamName(appId)}`, JSON.stringify({ last_by_subj: subject }));
  const { message, error } = reply.json<GetReply>();
  if (message) return { seq: message.seq, subject: message.subject, storedAt: Date.parse(message.time), data: Buffer.from(message.data ?? '', 'base64') };
  if (error?.err_code === NO_STREAM) throw new LogStreamMissing(error.description);
  if (error?.err_code === NO_MESSAGE) return null;
  throw new Error(`The log of app ${appId} could not be read: ${error?.description ?? decoder.decode(reply.data)}`);
}

async function request(bus: Bus, subject: string, data: Uint8Array | string, header?: ReturnType<typeof headers>): Promise<Msg> {
  try {
    return await bus.nc.request(subject, data, header ? { timeout: TIMEOUT_MS, headers: header } : { timeout: TIMEOUT_MS });
  } catch (error) {
    if (error instanceof RequestError && error.isNoResponders()) throw new LogStreamMissing(subject, { cause: error });
    throw error;
  }
}

/** Makes the stream, or brings its limits up to date; the same again changes nothing. Needs the gateway's rights. */
export async function makeLogStream(bus: Bus, appId: string, maxBytes: number): Promise<void> {
  const limits = { max_bytes: maxBytes, discard: DiscardPolicy.Old, allow_direct: true };
  const name = logStreamName(appId);
  try {
    await bus.jsm.streams.add({ name, subjects: [`logs.${appId}.>`], retention: RetentionPolicy.Limits, storage: StorageType.File, ...limits });
  } catch (error) {
    if (!(error instanceof JetStreamApiError) || error.code !== OTHER_LIMITS) throw error;
    await bus.jsm.streams.update(name, limits);
  }
}

/** Null: the app has no stream. */
export async function getLogStreamState(bus: Bus, appId: string): Promise<LogStreamState | null> {
  const info = await bus.jsm.streams.info(logStreamName(appId)).catch(nullIfNotFound);
  return info && stateOf(info);
}

function stateOf({ created, state: { first_seq, last_seq, messages, bytes } }: StreamInfo): LogStreamState {
  return { epoch: Date.parse(created), firstSeq: messages === 0 ? last_seq + 1 : first_seq, lastSeq: last_seq, messages, bytes };
}

/** The streams of all apps: one request for each 256 of them. */
export async function* listLogStreamStates({ jsm }: Bus): AsyncGenerator<{ appId: string; state: LogStreamState }> {
  const prefix = logStreamName('');
  for await (const info of jsm.streams.list('logs.*.>')) if (info.config.name.startsWith(prefix)) yield { appId: info.config.name.slice(prefix.length), state: stateOf(info) };
}

/** Deletes an app's stream with all its batches; none there: nothing happens. */
export async function removeLogStream(bus: Bus, appId: string): Promise<void> {
  await bus.jsm.streams.delete(logStreamName(appId)).catch(nullIfNotFound);
}

/** The apps that have a stream. */
export async function listLogStreams({ jsm }: Bus): Promise<string[]> {
  const prefix = logStreamName('');
  const names: string[] = [];
  for await (const name of jsm.streams.names('logs.*.>')) if (name.startsWith(prefix)) names.push(name.slice(prefix.length));
  return names;
}

function nullIfNotFound(error: unknown): null {
  if (error instanceof JetStreamApiError && error.code === NO_STREAM) return null;
  throw error;
}

/** Calls back whenever a batch of the subject is on its way into the stream: look there. Lost calls are possible. */
export function onLogBatch(bus: Bus, subject: string, wake: () => void): Subscription {
  return bus.nc.subscribe(subject, { callback: () => { wake(); } });
}

/** Calls back when the connection is lost, and when it is back (hints may have been missed between), until stopped. */
export function onConnection(bus: Bus, handle: (state: 'lost' | 'back') => void): () => void {
  const statuses = bus.nc.status();
  void (async () => {
    for await (const { type } of statuses) {
      if (type === 'disconnect') handle('lost');
      if (type === 'reconnect') handle('back');
    }
  })();
  return () => { (statuses as { stop?: () => void }).stop?.(); };
}

/** Whether this is the world's fault and will pass: NATS is away or slow, or nobody answers. */
export function isBusAway(bus: Bus, error: unknown): boolean {
  if (error instanceof BusError) return error.code === 'UNAVAILABLE';
  return bus.nc.isClosed() || error instanceof LogStreamMissing || error instanceof RequestError
    || (error instanceof Error && ['TimeoutError', 'ConnectionError', 'ClosedConnectionError', 'JetStreamNotEnabled', 'NoRespondersError'].includes(error.name));
}
