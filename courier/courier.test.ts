import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { SMTPServer } from 'smtp-server';
import { createSecretBox } from '../platform/encryption/secret-box.ts';
import { queueMail } from '../platform/mail.ts';
import type { Platform } from '../platform/platform.ts';
import { createPrisma } from '../prisma/client.ts';
import { freePort } from '../test/kit/free-port.ts';
import { createDatabase } from '../test/kit/postgres.ts';
import { makeTemp } from '../test/kit/temp.ts';
import { until } from '../test/kit/wait.ts';
import type { Deliver } from './deliver.ts';
import { createMailFiles } from './mail-files.ts';
import { createOutbox } from './outbox.ts';
import type { OutboxOptions } from './outbox.ts';
import { createSmtp } from './smtp.ts';

interface Line { level: string; text: string; [key: string]: unknown }
/** What a server does with mails: takes them, or refuses the recipient with this status. */
type Manner = (recipient: string) => number | null;

describe('the courier', () => {
  const cleanups: (() => Promise<void>)[] = [];
  const scope = { after: (fn: () => Promise<void>) => { cleanups.push(fn); } };
  let platform: Pick<Platform, 'db' | 'box' | 'log'>;
  let lines: Line[] = [];
  before(async () => {
    const db = createPrisma(await createDatabase(scope), 5);
    scope.after(() => db.$disconnect());
    const take = (level: string) => (details: object, text: string): void => { lines.push({ ...details, level, text }); };
    platform = { db, box: createSecretBox(randomBytes(32)), log: { info: take('info'), warn: take('warn'), error: take('error') } as unknown as Platform['log'] };
  });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });
  beforeEach(async () => { lines = []; await platform.db.mail.deleteMany({}); });

  const write = (to = 'ann@example.com', subject = 'Hello'): Promise<void> => platform.db.$transaction((tx) => queueMail(tx, platform, { to, subject, text: 'See https://slipway.example/account#reset=SECRET\n' }));
  const waiting = (): Promise<number> => platform.db.mail.count();
  const untilSent = (): Promise<void> => until(async () => await waiting() === 0, { within: 60_000, what: () => `no mail waits: ${JSON.stringify(lines)}` });
  const quick: OutboxOptions = { sweepMs: 50, firstPauseMs: 100, longestMs: 200 };
  const withOutbox = async (deliver: Deliver, options: OutboxOptions, act: (wake: () => void) => Promise<void>): Promise<void> => {
    const outbox = createOutbox(platform, deliver, { ...quick, ...options });
    try { await act(outbox.wake); } finally { await outbox.stop(); }
  };

  interface Received { from: string; to: string[]; text: string }
  const startSmtp = async (manner: Manner = () => null, port = 0, user?: [string, string]): Promise<{ port: number; received: Received[]; close(): Promise<void> }> => {
    const received: Received[] = [];
    const server = new SMTPServer({
      authOptional: user === undefined, allowInsecureAuth: true, disabledCommands: ['STARTTLS'], logger: false,
      onAuth: ({ username, password }, _session, done) => { if (username === user?.[0] && password === user?.[1]) done(null, { user: username }); else done(new Error('Wrong password')); },
      onRcptTo: ({ address }, _session, done) => { const status = manner(address); done(status === null ? null : Object.assign(new Error('Not here'), { responseCode: status })); },
      onData: (stream, { envelope }, done) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => { chunks.push(chunk); });
        stream.on('end', () => { received.push({ from: envelope.mailFrom ? envelope.mailFrom.address : '', to: envelope.rcptTo.map(({ address }) => address), text: Buffer.concat(chunks).toString() }); done(); });
      },
    });
    server.on('error', () => undefined);
    const listening = server.listen(port, '127.0.0.1');
    await once(listening, 'listening');
    const close = (): Promise<void> => new Promise((resolve) => { server.close(() => { resolve(); }); });
    scope.after(close);
    return { port: (listening.address() as AddressInfo).port, received, close };
  };
  const smtpTo = (port: number, times = { connectMs: 20_000, silenceMs: 20_000, wholeMs: 20_000 }, login = ''): Deliver => createSmtp(`smtp://${login}127.0.0.1:${port}`, 'Slipway <slipway@example.com>', times);

  it('sends each mail once, also when several of it look at the outbox at once', async () => {
    const { port, received } = await startSmtp();
    for (let index = 0; index < 12; index++) await write(`person${index}@example.com`, `Number ${index} – ä`);
    await withOutbox(smtpTo(port), {}, () => withOutbox(smtpTo(port), {}, () => withOutbox(smtpTo(port), {}, untilSent)));
    assert.deepEqual(new Set(received.map(({ to }) => to[0])), new Set(Array.from({ length: 12 }, (_, index) => `person${index}@example.com`)));
    assert.equal(received.length, 12);
    const [first] = received;
    assert.equal(first?.from, 'slipway@example.com');
    assert.match(first?.text ?? '', /^Message-ID: <[0-9a-f-]{36}@example\.com>\r$/im);
    assert.match(first?.text ?? '', /^Auto-Submitted: auto-generated\r$/im);
    assert.match(first?.text ?? '', /account#reset=3DSECRET|account#reset=SECRET/);
    assert.equal(JSON.stringify(lines), '[]');
  });

  it('sends at once when it is told of a mail', async () => {
    const { port, received } = await startSmtp();
    await withOutbox(smtpTo(port), { sweepMs: 3_600_000 }, async (wake) => {
      await write();
      wake();
      await untilSent();
    });
    assert.equal(received.length, 1);
  });

  it('logs in where the server asks for it, and tries on where the password is wrong: the operator can mend it', async () => {
    const { port, received } = await startSmtp(undefined, 0, ['me@example.com', 'p@ss:w/rd']);
    await write();
    await withOutbox(smtpTo(port, undefined, 'me%40example.com:wrong@'), {}, () => until(() => lines.length > 1, { within: 60_000, what: () => 'two failures' }));
    assert.deepEqual([received.length, await waiting(), lines[0]?.level], [0, 1, 'warn']);
    await withOutbox(smtpTo(port, undefined, 'me%40example.com:p%40ss%3Aw%2Frd@'), {}, untilSent);
    assert.equal(received.length, 1);
  });

  it('outlasts a server that is away', async () => {
    const first = await startSmtp(undefined, await freePort());
    await first.close();
    await write();
    await withOutbox(smtpTo(first.port), {}, async () => {
      await until(() => lines.length >= 2, { within: 60_000, what: () => 'two failures' });
      assert.match(String(lines[0]?.why), /ECONNREFUSED/);
      const { received } = await startSmtp(undefined, first.port);
      await untilSent();
      assert.equal(received.length, 1);
    });
  });

  it('gives up at once what a server refuses for ever, says so, and sends the others; what is refused for now it tries again', async () => {
    let greylisted = 0;
    const { port, received } = await startSmtp((to) => (to.startsWith('nobody') ? 550 : to.startsWith('slow') && greylisted++ < 2 ? 451 : null));
    for (const to of ['nobody@example.com', 'slow@example.com', 'ann@example.com']) await write(to);
    await withOutbox(smtpTo(port), {}, untilSent);
    assert.deepEqual(received.map(({ to }) => to[0]).toSorted((a = '', b = '') => a.localeCompare(b)), ['ann@example.com', 'slow@example.com']);
    const given = lines.filter(({ level }) => level === 'error');
    assert.deepEqual([given.length, given[0]?.attempts], [1, 1]);
    assert.match(String(given[0]?.text), /given up/);
  });

  /** A server that takes connections and says nothing, or a byte now and then. */
  const startMute = async (everyMs: number | null): Promise<Server> => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      const timer = everyMs === null ? null : setInterval(() => { socket.write('220-wait\r\n'); }, everyMs);
      socket.once('close', () => { if (timer) clearInterval(timer); });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    scope.after(async () => { server.close(); });
    return server;
  };

  it('does not wait for a server that stalls, whether it is silent or talks without end', async () => {
    for (const everyMs of [null, 100]) {
      lines = [];
      const server = await startMute(everyMs);
      const { port } = server.address() as AddressInfo;
      await write();
      await withOutbox(smtpTo(port, { connectMs: 300, silenceMs: 300, wholeMs: 1_000 }), {}, () => until(() => lines.length > 0, { within: 60_000, what: () => 'a failure' }));
      assert.match(String(lines[0]?.why), /timeout|Greeting never received|did not take the mail/i);
      assert.equal(await waiting(), 1);
      await platform.db.mail.deleteMany({});
    }
  });

  it('tries a day, later and later, and then gives up with a line that tells no secret', async () => {
    await write();
    const { nextAt: first } = await platform.db.mail.findFirstOrThrow();
    const away: Deliver = () => Promise.reject(new Error('The server is away.'));
    await withOutbox(away, { firstPauseMs: 60_000, longestMs: 3_600_000 }, () => until(() => lines.length === 1, { within: 60_000, what: () => 'one failure' }));
    const row = await platform.db.mail.findFirstOrThrow();
    assert.deepEqual([row.attempts, row.lastError], [1, 'The server is away.']);
    assert.ok(row.nextAt.getTime() - first.getTime() > 55_000);
    await platform.db.mail.update({ where: { id: row.id }, data: { nextAt: new Date(0), createdAt: new Date(Date.now() - 25 * 3_600_000) } });
    await withOutbox(away, {}, untilSent);
    assert.equal(lines.at(-1)?.level, 'error');
    assert.equal(/SECRET|ann@/.test(JSON.stringify(lines)), false);
  });

  it('takes over the mails of one that was killed while it sent them, after a while', async () => {
    await write();
    let begun = 0;
    const { promise: hanging, resolve: release } = Promise.withResolvers<void>();
    const stuck = createOutbox(platform, () => { begun += 1; return hanging; }, { ...quick, sweepMs: 3_600_000 });
    await until(() => begun === 1, { within: 60_000, what: () => 'the first has taken it' });
    const { port, received } = await startSmtp();
    await withOutbox(smtpTo(port), {}, async () => {
      const { id, nextAt } = await platform.db.mail.findFirstOrThrow();
      assert.ok(nextAt.getTime() > Date.now() + 60_000, 'it is held meanwhile');
      await platform.db.mail.update({ where: { id }, data: { nextAt: new Date(0) } });
      await untilSent();
    });
    release();
    await stuck.stop();
    assert.deepEqual([received.length, begun], [1, 1]);
  });

  it('without a server puts each mail into a file that only the platform reads, and a line without the secret into the log', async () => {
    const dir = join(await makeTemp(scope, 'slip-mail-'), 'mail');
    await write();
    await withOutbox(createMailFiles(dir, 'Slipway <slipway@localhost>', platform.log), {}, untilSent);
    const [file = '', ...more] = await readdir(dir);
    assert.deepEqual(more, []);
    assert.match(file, /^\d{8}T\d{6}Z-[0-9a-f-]{36}\.eml$/);
    assert.equal((await stat(join(dir, file))).mode & 0o777, 0o600);
    const text = await readFile(join(dir, file), 'utf8');
    assert.match(text, /^To: ann@example\.com$/m);
    assert.match(text, /account#reset=(3D)?SECRET/);
    assert.equal(lines.length, 1);
    assert.equal(JSON.stringify(lines).includes('SECRET'), false);
    assert.deepEqual([lines[0]?.to, lines[0]?.subject], ['ann@example.com', 'Hello']);
  });

  it('keeps no text of a mail readable in the database', async () => {
    await write();
    const { content } = await platform.db.mail.findFirstOrThrow();
    assert.equal(/SECRET|ann@example/.test(Buffer.from(content).toString('latin1')), false);
  });
});
