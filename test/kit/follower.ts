import WebSocket from 'ws';

/** What it follows: the numbers that it is told must be each once and in order. */
export type Followed = 'events' | 'lines';

/** A client that follows one app over a WebSocket of its own, and comes back by its cursor whenever that closes. */
export interface Follower {
  what: Followed;
  /** The last number it was told. */
  last(): number;
  /** It was told something on this connection. */
  isThere(): boolean;
  /** It has a connection, and has asked. */
  isConnected(): boolean;
  /** Numbers that came twice, out of order or not at all, and what else went wrong. */
  mistakes: string[];
  /** How often it came back. */
  returns(): number;
  /** Breaks its connection. */
  drop(): void;
  leave(): void;
}

interface Message { type: string; payload?: { data?: { told: Told } } & unknown[] }
interface Told { __typename: string; cursor: string; lines?: { text: string }[]; reason?: string }

const QUERIES: Record<Followed, string> = {
  events: 'subscription ($app: String!, $after: Cursor) { told: appEvents(app: $app, after: $after) { __typename ... on EventDetails { cursor summary } } }',
  lines: 'subscription ($app: String!, $after: Cursor) { told: appLogs(app: $app, after: $after, last: 0) { __typename ... on LogBatch { cursor lines { text } } ... on LogCaughtUp { cursor } ... on LogGap { reason } ... on LogEnd { end: reason } } }',
};
const BACK_MS = 300;

const eventNumber = (cursor: string): number => Number(Buffer.from(cursor, 'base64url').toString().split(':')[1]);
export const eventCursor = (number: number): string => Buffer.from(`event:${number}`).toString('base64url');

/** Follows events after number `from`; lines are `line 1`, `line 2`, … from now on. */
export function follow({ url, secret, app, what, from }: { url: string; secret: string; app: string; what: Followed; from: number }): Follower {
  const mistakes: string[] = [];
  let cursor: string | null = what === 'events' ? eventCursor(from) : null;
  let last = what === 'events' ? from : 0;
  let there = false;
  let connected = false;
  let over = false;
  let returns = -1;
  let socket: WebSocket;

  const note = (number: number): void => {
    if (number !== last + 1) mistakes.push(`${what}: ${number} came after ${last}`);
    last = number;
  };
  const take = (told: Told): void => {
    if (told.__typename === 'LogGap') mistakes.push(`a gap: ${told.reason}`);
    if (what === 'events') note(eventNumber(told.cursor)); else for (const { text } of told.lines ?? []) note(Number(text.split(' ')[1]));
    cursor = told.cursor ?? cursor;
    there = true;
  };
  const hear = (text: string): void => {
    const { type, payload } = JSON.parse(text) as Message;
    if (type === 'connection_ack') { returns++; connected = true; socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: QUERIES[what], variables: { app, after: cursor } } })); return; }
    if (type === 'next' && payload?.data) take(payload.data.told);
    // It was told to come back.
    else if (type === 'complete') socket.close();
    else if (type !== 'ping' && type !== 'pong') mistakes.push(text.slice(0, 300));
  };
  const open = (): void => {
    socket = new WebSocket(url, 'graphql-transport-ws', { perMessageDeflate: false });
    socket.on('open', () => { socket.send(JSON.stringify({ type: 'connection_init', payload: { apiKey: secret } })); });
    socket.on('message', (data: Buffer) => { hear(data.toString()); });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      there = connected = false;
      if (!over) setTimeout(open, BACK_MS * (0.5 + Math.random()));
    });
  };
  open();
  return { what, mistakes, last: () => last, isThere: () => there, isConnected: () => connected, returns: () => returns, drop: () => { socket.terminate(); }, leave: () => { over = true; socket.terminate(); } };
}

/** A client with many subscriptions on one WebSocket that stops reading after its first answers; tells how it was closed. */
export async function stall({ url, secret, app, subscriptions }: { url: string; secret: string; app: string; subscriptions: number }): Promise<{ resume(): Promise<number> }> {
  const socket = new WebSocket(url, 'graphql-transport-ws', { perMessageDeflate: false });
  const closed = new Promise<number>((resolve) => { socket.on('close', resolve).on('error', () => undefined); });
  await new Promise<void>((resolve, reject) => {
    let told = 0;
    socket.on('error', reject).on('open', () => { socket.send(JSON.stringify({ type: 'connection_init', payload: { apiKey: secret } })); });
    socket.on('message', (data: Buffer) => {
      const { type } = JSON.parse(data.toString()) as Message;
      if (type === 'connection_ack') for (let id = 1; id <= subscriptions; id++) socket.send(JSON.stringify({ id: String(id), type: 'subscribe', payload: { query: QUERIES.lines, variables: { app } } }));
      if (type === 'next' && ++told === subscriptions) resolve();
    });
  });
  socket.pause();
  return { resume: () => { socket.resume(); return closed; } };
}
