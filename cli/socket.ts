// Loaded by what follows something alone: it takes longer to load than all else of a command.
import { createClient } from 'graphql-ws';
import type { Client } from 'graphql-ws';
import WebSocket from 'ws';
import type { Credentials } from './credentials.ts';
import { findHost } from './find-host.ts';

class LocalWebSocket extends WebSocket {
  constructor(address: string, protocols?: string | string[]) { super(address, protocols, { lookup: findHost }); }
}

/** A client that connects when it is first used, and once. */
export const createSocketClient = ({ url, apiKey }: Credentials): Client =>
  createClient({ url: `${url.replace(/^http/, 'ws')}/graphql`, webSocketImpl: LocalWebSocket, connectionParams: { apiKey }, retryAttempts: 0, lazy: true });
