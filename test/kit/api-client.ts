import type { Client } from 'graphql-ws';
import type { Slipway } from './slipway.ts';

/** Queries and subscriptions of the first user, on whatever way requests and sockets take to the platform. `sockets` are those still open. */
export function createApiClient({ apiKey, get, open }: { apiKey: string; get: Slipway['get']; open(): Client }): Pick<Slipway, 'query' | 'socket' | 'subscribe'> & { close(): Promise<void> } {
  const sockets = new Set<Client>();
  const socket = (): Client => {
    const client = open();
    sockets.add(client);
    return client;
  };
  return {
    socket,
    close: async () => { for (const client of sockets) await leave(client); },
    query: async (document, variables) => {
      const answer = await get('/graphql', {
        method: 'POST', body: JSON.stringify({ query: document.toString(), variables }), headers: { 'content-type': 'application/json', authorization: `Bearer ${apiKey}` },
      });
      const body = JSON.parse(answer.text) as { data?: unknown; errors?: { message: string }[] };
      if (body.errors) throw new Error(body.errors.map((error) => error.message).join('\n'));
      return body.data as never;
    },
    subscribe: async (document, variables, enough) => {
      const client = socket();
      const events: never[] = [];
      for await (const result of client.iterate<never>({ query: document.toString(), variables })) {
        if (result.errors) throw new Error(JSON.stringify(result.errors));
        if (!result.data) continue;
        events.push(result.data);
        if (enough(result.data)) break;
      }
      sockets.delete(client);
      await client.dispose();
      return events;
    },
  };
}

/** A client whose connection could not be made says so again when it is disposed of. */
export async function leave(client: Client): Promise<void> {
  try { await client.dispose(); } catch { /* it has no connection to close */ }
}
