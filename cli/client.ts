import { request } from 'node:http';
import { request as requestTls } from 'node:https';
import { CommandError } from './command-error.ts';
import type { Credentials } from './credentials.ts';
import { findHost } from './find-host.ts';
import type { TypedDocumentString } from './gql/graphql.ts';

const TIMEOUT_MS = 30_000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;

interface Answer<R> { data?: R; errors?: { message: string; extensions?: { code?: string } }[] }

/** How a document is asked for: by what the platform of this release knows it by, or by its text, which any other release takes too. */
type Form = 'id' | 'text';

const UNKNOWN_DOCUMENT = 'PERSISTED_DOCUMENT_NOT_FOUND';

const idOf = <R, V>(document: TypedDocumentString<R, V>): string => String(document.__meta__?.documentId);

/** One operation. Throws CommandError where the platform cannot be reached or refuses the request as a whole. */
export async function query<R, V>(credentials: Credentials, document: TypedDocumentString<R, V>, variables: V): Promise<R> {
  const { url } = credentials;
  let { status, answer } = await ask<R>(credentials, { documentId: idOf(document), variables });
  if (answer.errors?.[0]?.extensions?.code === UNKNOWN_DOCUMENT) ({ status, answer } = await ask<R>(credentials, { query: document.toString(), variables }));
  if (status === 401) throw new CommandError('The platform does not know this API key: it is wrong, expired or revoked.', 'slipway takes it from SLIPWAY_API_KEY, or from credentials.json in SLIPWAY_HOME.');
  if (answer.errors || !answer.data) throw new CommandError(answer.errors?.map(({ message }) => message).join('\n') ?? `${url} answered ${status}, and not as Slipway's API does.`, answer.errors ? undefined : 'Is this the right SLIPWAY_URL?');
  return answer.data;
}

async function ask<R>({ url, apiKey }: Credentials, body: object): Promise<{ status: number; answer: Answer<R> }> {
  const { status, text } = await post(`${url}/graphql`, JSON.stringify(body), apiKey).catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new CommandError(`The platform at ${url} does not answer (${code}).`, code === 'ENOTFOUND' ? 'This machine does not know the name: is the address right, and the DNS set up?' : 'Is it running? Start it with npm start.');
  });
  try {
    return { status, answer: JSON.parse(text) as Answer<R> };
  } catch {
    throw new CommandError(`${url} answered ${status}, and not as Slipway does.`, status === 503 ? 'It may be starting: try again in a moment.' : 'Is this the right SLIPWAY_URL?');
  }
}

/** By node:http, because fetch hides why a connection failed. */
function post(url: string, body: string, apiKey: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const send = url.startsWith('https:') ? requestTls : request;
    const headers = { 'content-type': 'application/json', accept: 'application/json', authorization: `Bearer ${apiKey}` };
    const sent = send(url, { method: 'POST', headers, timeout: TIMEOUT_MS, lookup: findHost }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => { resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }); });
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.on('timeout', () => { sent.destroy(new Error('it took too long')); });
    sent.end(body);
  });
}

/**
 * Events of a subscription until the server ends it. A lost connection is taken up again, with the variables of then: `variables` is asked each time.
 * Throws CommandError where the platform refuses it.
 */
export async function* follow<R, V extends Record<string, unknown>>(credentials: Credentials, document: TypedDocumentString<R, V>, variables: () => V, onLost: () => void): AsyncGenerator<R, void> {
  const { createSocketClient } = await import('./socket.ts');
  let form: Form = 'id';
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    const client = createSocketClient(credentials);
    try {
      for await (const { data, errors } of client.iterate<R>({ ...(form === 'id' ? { query: '', extensions: { documentId: idOf(document) } } : { query: document.toString() }), variables: variables() })) {
        if (errors) throw new CommandError(errors.map(({ message }) => message).join('\n'));
        pause = FIRST_PAUSE_MS;
        if (data) yield data;
      }
      return;
    } catch (error) {
      if (form === 'id' && isUnknownDocument(error)) { form = 'text'; continue; }
      throwIfRefused(error);
      onLost();
    } finally {
      // One that never was connected says so again.
      await Promise.resolve(client.dispose()).catch(() => undefined);
    }
    await new Promise((resolve) => { setTimeout(resolve, pause); });
  }
}

const isUnknownDocument = (error: unknown): boolean => Array.isArray(error) && (error as { extensions?: { code?: string } }[])[0]?.extensions?.code === UNKNOWN_DOCUMENT;

/** Throws where trying again would change nothing: a refusal of the key, or of the subscription. */
function throwIfRefused(error: unknown): void {
  if (error instanceof CommandError) throw error;
  if (Array.isArray(error)) throw new CommandError(error.map((each: { message?: string }) => each.message ?? '').join('\n'));
  const code = typeof error === 'object' && error !== null && 'code' in error ? Number(error.code) : 0;
  if (code === 4401 || code === 4403) throw new CommandError('The platform does not know this API key: it is wrong, expired or revoked.');
  if (code === 4400 || code === 4406) throw new CommandError('The platform does not understand this command: it is of another version.');
}

type Refusal = { __typename: string; code?: string; message?: string; hint?: string | null };

/** The payload of a mutation. Throws CommandError with the typed error's message and hint. */
export function payloadOf<R extends Refusal>(result: R): Exclude<R, { message: string }> {
  if (typeof result.message === 'string') throw new CommandError(result.message, result.hint);
  return result as Exclude<R, { message: string }>;
}
