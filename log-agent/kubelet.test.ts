import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import pino from 'pino';
import { answer } from '../bus/ask.ts';
import type { LogBatch } from '../bus/log.ts';
import { logEnsure } from '../bus/log.ts';
import { makeLogStream } from '../bus/log-store.ts';
import type { LogContent, LogSourceFiles, SourceState } from '../cluster/log-sources.ts';
import { createKubeletFiles } from '../test/kit/kubelet-files.ts';
import { startNats } from '../test/kit/nats.ts';
import { readStoredLog } from '../test/kit/stored-log.ts';
import { makeTemp } from '../test/kit/temp.ts';
import { until } from '../test/kit/wait.ts';
import { startLogAgent } from './agent.ts';

async function createWorld(t: TestContext) {
  const nats = await startNats(t);
  const gateway = await nats.bus('gateway');
  const dir = await makeTemp(t, 'slip-kubelet-');
  const stateDir = await makeTemp(t, 'slip-kubelet-state-');
  const appId = randomUUID();
  const gone = new Set<string>();
  answer(gateway, logEnsure, async ({ appId: wanted }) => {
    if (gone.has(wanted)) throw new Error('gone');
    await makeLogStream(gateway, wanted, 512 * 1024 * 1024);
    return {};
  }, () => undefined);
  await gateway.nc.flush();
  const found: LogSourceFiles[] = [];
  const states = new Map<string, SourceState>();
  const meta = { appId, source: 'APP' as const, sourceId: 'replica', process: 'web', replica: 'web.1', release: 3, build: null };
  const add = (id: string, dirs: string[], content: LogContent = { kind: 'source', meta: () => ({ ...meta, sourceId: id }) }): void => {
    found.push({ id, content, dirs: () => dirs, positionFile: join(stateDir, `${id}.json`), state: () => Promise.resolve(states.get(id) ?? 'live') });
  };
  const start = async () => {
    const agent = await startLogAgent({
      bus: await nats.bus('log-agent'), log: pino({ level: process.env.TEST_LOG ?? 'silent' }),
      sources: { list: () => Promise.resolve([...found]), watch: () => undefined, forget: () => Promise.resolve(), close: () => undefined },
    });
    t.after(() => agent.stop());
    return agent;
  };
  const read = (app = appId): Promise<LogBatch[]> => readStoredLog(gateway, app);
  const untilText = (text: string, app = appId) => until(async () => texts(await read(app)).includes(text), { within: 60_000, what: () => `"${text}" has come` });
  return { nats, dir, appId, states, meta, add, start, read, untilText };
}
const texts = (batches: LogBatch[]): string[] => batches.flatMap(({ lines }) => lines.map((line) => line[3]));

describe('the log agent on a node of Kubernetes', () => {
  it('tells a tool\'s lines as people read them, and goes on behind those it leaves out', async (t) => {
    const world = await createWorld(t);
    const files = createKubeletFiles(join(world.dir, 'app'));
    const readable = (line: string): string | null => (line.startsWith('chatter') ? null : line.toUpperCase());
    world.add('build', [join(world.dir, 'app')], { kind: 'source', meta: () => ({ ...world.meta, source: 'BUILD', sourceId: 'build', process: 'build' }), readable });
    const agent = await world.start();
    files.write(['chatter', 'step one', 'chatter', 'chatter']);
    await world.untilText('STEP ONE');
    await agent.stop();
    await world.start();
    files.write(['chatter', 'step two']);
    await world.untilText('STEP TWO');
    assert.deepEqual(texts(await world.read()), ['STEP ONE', 'STEP TWO']);
  });

  it('joins partial lines, and goes on in the container\'s next life', async (t) => {
    const world = await createWorld(t);
    const files = createKubeletFiles(join(world.dir, 'app'));
    world.add('replica', [join(world.dir, 'app')]);
    await world.start();
    const long = 'x'.repeat(40_000);
    files.write(['one', long]);
    files.write(['problem'], 'stderr');
    await world.untilText('problem');
    files.restart();
    files.write(['second life']);
    await world.untilText('second life');
    assert.deepEqual(texts(await world.read()), ['one', long, 'problem', 'second life']);
  });

  it('reads on where it was while it was away, through files that were renamed and compressed meanwhile', async (t) => {
    const world = await createWorld(t);
    const files = createKubeletFiles(join(world.dir, 'app'));
    world.add('replica', [join(world.dir, 'app')]);
    const first = await world.start();
    files.write(['1']);
    await world.untilText('1');
    await first.stop();
    for (let number = 2; number <= 8; number += 2) {
      files.write([String(number), String(number + 1)]);
      if (number < 8) await files.rotate();
    }
    await world.start();
    await world.untilText('9');
    assert.deepEqual(texts(await world.read()), ['1', '2', '3', '4', '5', '6', '7', '8', '9']);
    assert.deepEqual((await world.read()).filter(({ gap }) => gap), []);
  });

  it('tells where files were rotated away unread', async (t) => {
    const world = await createWorld(t);
    const files = createKubeletFiles(join(world.dir, 'app'), 3);
    world.add('replica', [join(world.dir, 'app')]);
    const first = await world.start();
    files.write(['1']);
    await world.untilText('1');
    await first.stop();
    for (let number = 2; number <= 9; number++) { await files.rotate(); files.write([String(number)]); }
    await world.start();
    await world.untilText('9');
    const batches = await world.read();
    assert.deepEqual(batches.flatMap(({ gap, lines }) => (gap ? [[gap, lines[0]?.[3]]] : [])), [[{ lines: null, reason: 'ROTATED' }, '7']]);
    assert.deepEqual(texts(batches), ['1', '7', '8', '9']);
  });

  it('reads the containers of a build one after the other, and ends with the last; one that was taken away has no end', async (t) => {
    const world = await createWorld(t);
    const dirs = ['prepare', 'kaniko', 'publish'].map((name) => join(world.dir, 'build', name));
    world.add('build', dirs);
    const taken = createKubeletFiles(join(world.dir, 'taken', 'prepare'));
    world.add('taken', [join(world.dir, 'taken', 'prepare')]);
    await world.start();
    for (const dir of dirs) {
      createKubeletFiles(dir).write([dir.split('/').at(-1) ?? '']);
      await world.untilText(dir.split('/').at(-1) ?? '');
    }
    taken.write(['begun']);
    await world.untilText('begun');
    rmSync(join(world.dir, 'build'), { recursive: true });
    rmSync(join(world.dir, 'taken'), { recursive: true });
    world.states.set('build', 'ended').set('taken', 'left');
    await until(async () => (await world.read()).some(({ end }) => end), { within: 60_000, what: () => 'the end has come' });
    assert.deepEqual((await world.read()).flatMap(({ end, gap }) => (end || gap ? [{ end, gap }] : [])), [{ end: true, gap: undefined }]);
    assert.deepEqual(texts(await world.read()), ['prepare', 'kaniko', 'publish', 'begun']);
  });

  it('says that the lines of a source that was gone before it was read are lost', async (t) => {
    const world = await createWorld(t);
    world.add('replica', [join(world.dir, 'never')]);
    world.states.set('replica', 'ended');
    await world.start();
    await until(async () => (await world.read()).length > 0, { within: 60_000, what: () => 'the end has come' });
    assert.deepEqual((await world.read()).map(({ gap, end }) => [gap, end]), [[{ lines: null, reason: 'SOURCE_LOST' }, true]]);
  });

  it('stopped and started again at every turn while files rotate at full speed: none lost without a gap, none twice, in order', async (t) => {
    const world = await createWorld(t);
    const files = createKubeletFiles(join(world.dir, 'app'));
    world.add('replica', [join(world.dir, 'app')]);
    let written = 0;
    let agent = await world.start();
    for (let round = 0; round < 10; round++) {
      for (let part = 0; part < 4; part++) {
        files.write(Array.from({ length: 600 }, () => `line ${written++} ${'y'.repeat(150)}`));
        await files.rotate();
      }
      files.write([`line ${written++} after`]);
      // Every other time it is stopped in the middle.
      if (round % 2 === 0) await world.untilText(`line ${written - 1} after`);
      await agent.stop();
      agent = await world.start();
    }
    files.write([`line ${written++} last`]);
    await world.untilText(`line ${written - 1} last`);
    const batches = await world.read();
    const numbers = texts(batches).map((text) => Number(text.split(' ')[1]));
    assert.deepEqual(numbers, [...new Set(numbers)].sort((a, b) => a - b));
    const gaps = batches.flatMap(({ gap, lines }) => (gap ? [Number(lines[0]?.[3].split(' ')[1])] : []));
    const breaks = numbers.filter((number, index) => index > 0 && number !== (numbers[index - 1] ?? 0) + 1);
    for (const at of breaks) assert.ok(gaps.includes(at), `lines before ${at} are missing, and no gap says so`);
    t.diagnostic(`${written} written, ${numbers.length} received, ${gaps.length} gaps`);
  });

  it('gives each app its requests of an access log, each once, also when it starts anew; others\' are left out', async (t) => {
    const world = await createWorld(t);
    const dir = join(world.dir, 'traefik');
    const files = createKubeletFiles(dir);
    const other = randomUUID();
    const replicas = new Map([['10.244.0.9:8080', { process: 'web', index: 2, releaseVersion: 7 }]]);
    world.add('router-x', [dir], { kind: 'access-log', controller: 'traefik', sourceId: 'router-x', replicaAt: (address) => replicas.get(address) ?? null });
    const request = (appId: string, path: string, status = 200): string => JSON.stringify({
      ClientHost: '9.9.9.9', DownstreamContentSize: 12, DownstreamStatus: status, Duration: 2_600_000, OriginStatus: status, RequestHost: 'blog.example.org', RequestMethod: 'GET', RequestPath: path,
      RouterName: `slipway-app-${appId}-web-blog-example-org@kubernetes`, ServiceAddr: '10.244.0.9:8080', msg: '',
    });
    const first = await world.start();
    files.write([request(world.appId, '/1?secret=x'), request(other, '/other'), '{"RouterName":"kube-system-dash@kubernetes"}', 'starting', request(world.appId, '/2', 500)]);
    const told = (path: string, status: number): string => `method=GET path="${path}" host="blog.example.org" request_id=- fwd="9.9.9.9" replica=web.2 release=v7 service=3ms status=${status} bytes=12`;
    await world.untilText(told('/2', 500));
    await first.stop();
    files.write([request(world.appId, '/3')]);
    await files.rotate();
    files.write([request(world.appId, '/4'), request(other, '/again')]);
    await world.start();
    await world.untilText(told('/4', 200));
    await world.untilText(told('/again', 200), other);
    assert.deepEqual(texts(await world.read()), [told('/1', 200), told('/2', 500), told('/3', 200), told('/4', 200)]);
    assert.deepEqual(texts(await world.read(other)), [told('/other', 200), told('/again', 200)]);
  });
});
