import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { request as requestTls } from 'node:https';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createClient } from 'graphql-ws';
import type { Client } from 'graphql-ws';
import WebSocket from 'ws';
import type { TypedDocumentString } from './gql/graphql.ts';

/** What the person is told, with what to do; the command ends with code 1. */
export class CommandError extends Error {
  readonly hint: string | undefined;
  constructor(message: string, hint?: string | null) {
    super(message);
    this.hint = hint ?? undefined;
  }
}

export interface Credentials { url: string; apiKey: string }

/** SLIPWAY_URL and SLIPWAY_API_KEY, else the platform's own file on this machine. */
export function readCredentials(env = process.env): Credentials {
  if (env.SLIPWAY_API_KEY) return { url: (env.SLIPWAY_URL ?? 'http://localhost:4000').replace(/\/$/, ''), apiKey: env.SLIPWAY_API_KEY };
  const file = join(env.SLIPWAY_HOME ?? join(homedir(), '.slipway'), 'credentials.json');
  try {
    const { url, apiKey } = JSON.parse(readFileSync(file, 'utf8')) as Credentials;
    return { url: env.SLIPWAY_URL ?? url, apiKey };
  } catch {
    throw new CommandError(`There is no API key: ${file} cannot be read.`, 'Start the platform on this machine (npm start), or set SLIPWAY_URL and SLIPWAY_API_KEY.');
  }
}

/** One operation. Throws CommandError where the platform cannot be reached or refuses the request as a whole. */
export async function query<R, V>({ url, apiKey }: Credentials, document: TypedDocumentString<R, V>, variables: V): Promise<R> {
  const body = JSON.stringify({ query: document.toString(), variables });
  const text = await post(`${url}/graphql`, body, apiKey).catch((error: unknown) => {
    throw new CommandError(`The platform at ${url} does not answer (${error instanceof Error && 'code' in error ? String(error.code) : String(error)}).`, 'Is it running? Start it with npm start.');
  });
  const answer = JSON.parse(text) as { data?: R; errors?: { message: string }[] };
  if (answer.errors || !answer.data) throw new CommandError(answer.errors?.map(({ message }) => message).join('\n') ?? 'The platform gave no data.');
  return answer.data;
}

/** By node:http, because fetch knows no *.localhost and hides why a connection failed. */
function post(url: string, body: string, apiKey: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const send = url.startsWith('https:') ? requestTls : request;
    const sent = send(url, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${apiKey}` }, timeout: 30_000 }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => { resolve(Buffer.concat(chunks).toString()); });
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.on('timeout', () => { sent.destroy(new Error('it took too long')); });
    sent.end(body);
  });
}

/** A WebSocket for one subscription; a lost connection is the caller's to take up again, from where it was. */
export function openSocket({ url, apiKey }: Credentials): Client {
  return createClient({ url: `${url.replace(/^http/, 'ws')}/graphql`, webSocketImpl: WebSocket, connectionParams: { apiKey }, retryAttempts: 0, lazy: true });
}

type Refusal = { __typename: string; code?: string; message?: string; hint?: string | null };

/** The payload of a mutation. Throws CommandError with the typed error's message and hint. */
export function payloadOf<R extends Refusal>(result: R): Exclude<R, { message: string }> {
  if (typeof result.message === 'string') throw new CommandError(result.message, result.hint);
  return result as Exclude<R, { message: string }>;
}
