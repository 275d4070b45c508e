import type { GraphQLSchema } from 'graphql';
import { makeOperation } from './fuzz-document.ts';
import { createDice, mutate } from './fuzz-random.ts';
import type { Dice } from './fuzz-random.ts';

/** One thing that a stranger may do to a gateway. */
export type FuzzCase =
  | { kind: 'http'; method: string; path: string; headers: Record<string, string>; body: string }
  | { kind: 'bytes'; bytes: Buffer }
  | { kind: 'frames'; frames: (string | Buffer | { raw: Buffer })[] };

/** Where it may be sent, and what is known of who sends it. */
export interface FuzzWorld { schema: GraphQLSchema; secret: () => string; ids: readonly string[] }

const WORDS = ['', 'x', 'web', 'main', 'a'.repeat(300), 'web.1', '../../etc/passwd', '\'; DROP TABLE "App"; --', '\u0000', 'ünï', '🚢', '__proto__', 'constructor', 'null', '-1', '1', '00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff', 'bm9uc2Vuc2U=', Buffer.from('event:0').toString('base64url'), Buffer.from('offset:99999999999999999999').toString('base64'), 'AAAA', 'me@example.org', 'sha256:00', 'fuzz-three', 'ssh-ed25519 AAAA'];

/** The case of this number; the same for the same seed. */
export function makeCase(seed: number, number: number, world: FuzzWorld): FuzzCase {
  const dice = createDice(Math.imul(seed, 1_000_003) + number);
  const roll = dice.int(100);
  if (roll < 62) return httpCase(dice, world, operationBody(dice, world));
  if (roll < 84) return { ...httpCase(dice, world, dice.chance(0.5) ? operationBody(dice, world) : mutate('{"query":"{ viewer { email } }","variables":{"a":[1,{"b":null}]},"extensions":{}}', dice)), ...strangeHead(dice, world) };
  if (roll < 88) return { kind: 'bytes', bytes: Buffer.from(mutate(`POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 23\r\n\r\n{"query":"{__typename}"}`, dice), dice.pick(['utf8', 'latin1'] as const)) };
  return { kind: 'frames', frames: frames(dice, world) };
}

function operationBody(dice: Dice, { schema, ids }: FuzzWorld): string {
  const one = (): object => {
    const operation = makeOperation(schema, dice, [...WORDS, ...ids, ...ids, ...ids]);
    return { ...operation, query: dice.chance(0.35) ? mutate(operation.query, dice) : operation.query };
  };
  const body = JSON.stringify(dice.chance(0.04) ? Array.from({ length: dice.int(13) }, one) : one());
  return dice.chance(0.05) ? mutate(body, dice) : body;
}

function httpCase(dice: Dice, { secret }: FuzzWorld, body: string): Extract<FuzzCase, { kind: 'http' }> {
  return {
    kind: 'http', method: 'POST', path: '/graphql', body,
    headers: {
      'content-type': 'application/json', accept: dice.pick(['application/json', 'application/graphql-response+json', 'application/json, text/event-stream', '*/*']),
      ...(dice.chance(0.9) ? { authorization: `Bearer ${secret()}` } : {}), ...(dice.chance(0.2) ? { 'accept-encoding': dice.pick(['gzip', 'br', 'gzip, br;q=0.5', '*']) } : {}),
    },
  };
}

/** Another method, another path, other headers. */
function strangeHead(dice: Dice, { secret }: FuzzWorld): Partial<Extract<FuzzCase, { kind: 'http' }>> {
  const visible = (text: string): string => text.replace(/[^\t\x20-\x7e\x80-\xff]/g, '?').trim();
  const odd = (of: readonly string[]): string => visible(dice.chance(0.4) ? mutate(dice.pick(of), dice) : dice.pick(of)).slice(0, 4_000);
  const headers: Record<string, string> = { authorization: `Bearer ${secret()}`, 'content-type': 'application/json' };
  const strange: Record<string, readonly string[]> = {
    'content-type': ['application/json', 'application/json; charset=utf-16', 'multipart/form-data; boundary=x', 'text/plain', 'application/graphql', ''], accept: ['text/event-stream', 'text/html', '*/*;q=0', 'multipart/mixed', 'application/json;q=1;q=2,,', 'a/b/c'],
    authorization: ['Bearer', 'Basic Og==', 'Basic ====', 'Bearer slip_x', 'Digest a="b"'], 'accept-encoding': ['gzip;q=x', 'identity;q=0', 'br, gzip', '*;q=0'], 'content-encoding': ['gzip', 'br', 'identity'],
    origin: ['null', 'https://evil.example', 'http://localhost:4000'], 'x-graphql-event-stream-token': ['', 'x', '__proto__'], cookie: ['a=b', '=;;=', 'session=x'], 'access-control-request-method': ['POST'], 'x-forwarded-for': ['1.2.3.4, x', '::1'],
    traceparent: ['00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', '00-x'], host: ['localhost', 'x y', 'fuzz-one.localhost:4000'], expect: ['100-continue'], 'idempotency-key': ['x'],
  };
  for (let at = 0; at < 1 + dice.int(3); at++) { const name = dice.pick(Object.keys(strange)); headers[name] = odd(strange[name] ?? ['']); }
  const query = ['', '?query={__typename}', '?query=mutation{__typename}', '?variables=%7B', '?documentId=sha256:x', '?extensions=[]&query=%ff', '?token=x&operationId=y'];
  const path = dice.pick(['/graphql', '/graphql', '/graphql/stream', '/graphql/', '/', '//', '/blobs/slugs/x', '/healthz', '/graphql/stream/x']) + dice.pick(query);
  return { method: dice.pick(['POST', 'POST', 'GET', 'GET', 'PUT', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH']), path: (dice.chance(0.1) ? mutate(path, dice) : path).replace(/[^\x21-\x7e]/g, '%'), headers };
}

function frames(dice: Dice, world: FuzzWorld): Extract<FuzzCase, { kind: 'frames' }>['frames'] {
  const init = JSON.stringify({ type: 'connection_init', payload: dice.chance(0.9) ? { apiKey: world.secret() } : { apiKey: 5 } });
  const frame = (): string | Buffer | { raw: Buffer } => {
    const id = dice.pick(['1', '2', '3', '__proto__', 'x'.repeat(500), '']);
    const payload = dice.chance(0.9) ? JSON.parse(JSON.stringify(makeOperation(world.schema, dice, [...WORDS, ...world.ids, ...world.ids]))) as object : dice.pick([null, {}, [], 'x', { query: 5 }]);
    const message = dice.pick([{ id, type: 'subscribe', payload }, { id, type: 'subscribe', payload }, { id, type: 'subscribe', payload }, { id, type: 'complete' }, { type: 'ping', payload: { at: 1 } }, { type: 'pong' }, { type: 'next', id }, { type: 'connection_init' }]);
    const text = JSON.stringify(message);
    switch (dice.int(12)) {
      case 0: return mutate(text, dice);
      case 1: return Buffer.from(mutate(text, dice));
      case 2: return { raw: Buffer.from(Array.from({ length: dice.int(40) }, () => dice.int(256))) };
      default: return text;
    }
  };
  return [...(dice.chance(0.95) ? [init] : []), ...Array.from({ length: 1 + dice.int(8) }, frame)];
}
