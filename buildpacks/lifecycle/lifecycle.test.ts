import assert from 'node:assert/strict';
import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { makeTarball, startBuildRig } from '../../test/kit/build-rig.ts';
import type { BuildRig, RigBuild, SourceFiles } from '../../test/kit/build-rig.ts';

/** A buildpack in the repository that runs these lines as bin/compile. */
const pack = (name: string, ...compile: string[]): SourceFiles => ({ [`${name}/bin/detect`]: `#!/bin/sh\necho ${name}\n`, [`${name}/bin/compile`]: `#!/bin/bash\n${compile.join('\n')}\n` });
const packed = (...compile: string[]): SourceFiles => ({ '.buildpacks': './pack\n', Procfile: 'web: ./run\n', ...pack('pack', ...compile) });

const failed = ({ outcome, output }: RigBuild): Extract<RigBuild['outcome'], { status: 'FAILED' }> => {
  assert.equal(outcome?.status, 'FAILED', output);
  return outcome as Extract<RigBuild['outcome'], { status: 'FAILED' }>;
};
const slugOf = ({ outcome, output }: RigBuild): Extract<RigBuild['outcome'], { status: 'SUCCEEDED' }>['slug'] => {
  assert.equal(outcome?.status, 'SUCCEEDED', output);
  return (outcome as Extract<RigBuild['outcome'], { status: 'SUCCEEDED' }>).slug;
};

describe('the build lifecycle', () => {
  const cleanups: (() => Promise<void>)[] = [];
  let rig: BuildRig;
  before(async () => { rig = await startBuildRig({ after: (fn) => { cleanups.push(fn); } }); });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });

  describe('the whole way', () => {
    it('makes a slug of an app that is just a Procfile, in steps that are told as they begin and end', async () => {
      const build = await rig.build({ Procfile: 'web: ./run\nworker: ./run --worker\nrelease: ./migrate\n', run: 'hi' });
      const slug = slugOf(build);
      assert.deepEqual(slug.processTypes, [{ type: 'web', command: './run' }, { type: 'worker', command: './run --worker' }, { type: 'release', command: './migrate' }]);
      assert.deepEqual(slug.buildpacks, ['slipway/procfile']);
      assert.deepEqual(build.steps.map(({ index, kind, status }) => [index, kind, status]), ['FETCH', 'DETECT', 'COMPILE', 'RELEASE', 'SLUG', 'CACHE'].map((kind, index) => [index, kind, 'SUCCEEDED']));
      assert.ok(build.steps.every(({ startedAt, endedAt }) => endedAt !== null && startedAt <= endedAt));
      assert.match(build.output, /^-----> Procfile app detected\n/);
      assert.equal(build.code, 0);
      assert.equal(slug.size, rig.slugSize());
      assert.equal(await readFile(join(await rig.unpackSlug(), 'run'), 'utf8'), 'hi');
    });

    it('makes the same slug of the same files, whoever owns them and whenever they were written', async () => {
      const files = { Procfile: 'web: ./run\n', 'b/deep/file': 'x', a: 'y' };
      const first = slugOf(await rig.build(files));
      const later = Object.fromEntries(Object.entries(files).reverse().map(([name, content]) => [name, content]));
      assert.equal(slugOf(await rig.build(later, packedOwner)).digest, first.digest);
      assert.notEqual(slugOf(await rig.build({ ...files, a: 'z' })).digest, first.digest);
    });
    const packedOwner = process.getuid?.() === 0 ? { uid: 64_321 } : {};

    it('gives files of other content another time, so that a web server\'s ETag changes with them', async () => {
      const times: number[] = [];
      for (const content of ['one', 'two']) {
        slugOf(await rig.build({ Procfile: 'web: ./run\n', 'page.html': content }));
        times.push((await lstat(join(await rig.unpackSlug(), 'page.html'))).mtimeMs);
      }
      assert.notEqual(times[0], times[1]);
    });

    it('waits for a storage that is away for a moment', async () => {
      rig.failNext(2);
      slugOf(await rig.build({ Procfile: 'web: ./run\n' }));
    });

    it('refuses a source that is not the one that was pushed', async () => {
      assert.equal(failed(await rig.build({ Procfile: 'web: ./run\n' }, { digest: 'ab'.repeat(32) })).reason, 'INTERNAL');
    });
  });

  describe('the source', () => {
    const bad: [string, SourceFiles][] = [
      ['a path above it', { '../evil': 'x' }],
      ['an absolute path', { '/tmp/slip-evil': 'x' }],
      ['a symbolic link to an absolute path', { link: { type: 'symlink', linkname: '/etc/passwd' } }],
      ['a symbolic link that climbs out', { 'a/link': { type: 'symlink', linkname: '../../outside' } }],
      ['a hard link that climbs out', { link: { type: 'link', linkname: '../outside' } }],
      ['a device', { dev: { type: 'character-device', devmajor: 1, devminor: 3 } }],
    ];
    for (const [name, files] of bad) {
      it(`is refused with ${name}`, async () => {
        assert.equal(failed(await rig.build({ Procfile: 'web: ./run\n', ...files })).reason, 'SOURCE_INVALID');
      });
    }

    it('may have symbolic links inside of it, and they are in the slug', async () => {
      slugOf(await rig.build({ Procfile: 'web: ./run\n', 'bin/run': 'x', run: { type: 'symlink', linkname: 'bin/run' } }));
      assert.ok((await lstat(join(await rig.unpackSlug(), 'run'))).isSymbolicLink());
    });

    it('is refused when it is no tarball', async () => {
      assert.equal(failed(await rig.build({}, { tarball: Buffer.from('this is no tarball, '.repeat(100)) })).reason, 'SOURCE_INVALID');
      const cut = await makeTarball({ Procfile: 'web: ./run\n', big: 'x'.repeat(100_000) });
      assert.equal(failed(await rig.build({}, { tarball: cut.subarray(0, 50_000) })).reason, 'SOURCE_INVALID');
    });
  });

  describe('the choice of buildpacks', () => {
    const cases: [string, SourceFiles, string, RegExp][] = [
      ['nothing that it knows', { 'main.cob': 'x' }, 'NO_BUILDPACK', /None of the buildpacks/],
      ['a Dockerfile alone', { Dockerfile: 'FROM x\n' }, 'DOCKERFILE_NEEDS_KUBERNETES', /Kubernetes/],
      ['a wrong Procfile', { Procfile: 'web: a\nnonsense\n' }, 'INVALID_PROCFILE', /line 2/],
      ['nothing to run', { '.buildpacks': './pack', ...pack('pack', 'true') }, 'NO_PROCESS_TYPES', /what to run/],
      ['a buildpack outside of the repository', { '.buildpacks': '../../..\n' }, 'BUILDPACK_FETCH_FAILED', /outside of the repository/],
      ['a buildpack that is not there', { '.buildpacks': './gone\n' }, 'BUILDPACK_FETCH_FAILED', /not in the repository/],
      ['a buildpack on loopback', { '.buildpacks': 'https://127.0.0.1/pack.git#v1\n' }, 'BUILDPACK_FETCH_FAILED', /private address/],
      ['a buildpack on a name of loopback', { '.buildpacks': 'https://localhost:4000/pack.git\n' }, 'BUILDPACK_FETCH_FAILED', /private address/],
      ['a buildpack on a private IPv6 address', { '.buildpacks': 'https://[fd00::1]/pack.git\n' }, 'BUILDPACK_FETCH_FAILED', /private address/],
      ['a buildpack by http', { '.buildpacks': 'http://example.org/pack.git\n' }, 'BUILDPACK_FETCH_FAILED', /not an https git URL/],
      ['a buildpack by ssh', { '.buildpacks': 'git@example.org:pack.git\n' }, 'BUILDPACK_FETCH_FAILED', /not an https git URL/],
      ['a buildpack with a password', { '.buildpacks': 'https://me:hush@example.org/pack.git\n' }, 'BUILDPACK_FETCH_FAILED', /without a password/],
      ['a ref that is an option', { '.buildpacks': 'https://example.org/pack.git#--upload-pack=x\n' }, 'BUILDPACK_FETCH_FAILED', /not a branch/],
      ['a buildpack that declines', { '.buildpacks': './pack', 'pack/bin/detect': '#!/bin/sh\nexit 1\n', 'pack/bin/compile': '#!/bin/sh\n' }, 'NO_BUILDPACK', /not for it/],
      ['a buildpack that is not executable', { '.buildpacks': './pack', 'pack/bin/compile': { mode: 0o644 } }, 'BUILD_COMMAND_FAILED', /not executable/],
    ];
    for (const [name, files, reason, message] of cases) {
      it(`ends with ${reason} for ${name}`, async () => {
        const failure = failed(await rig.build(files));
        assert.equal(failure.reason, reason);
        assert.match(failure.message, message);
        assert.ok(failure.hint);
      });
    }

    it('never prints the password of a buildpack\'s URL', async () => {
      assert.doesNotMatch((await rig.build({ '.buildpacks': 'https://me:hush@example.org/pack.git\n' })).output, /hush/);
    });
  });

  describe('Heroku\'s contract', () => {
    it('runs several buildpacks in order, each with what those before it exported', async () => {
      const build = await rig.build({
        '.buildpacks': '# ours\n./first\n\nslipway/procfile\nsecond\n', Procfile: 'web: ./run\n',
        ...pack('first', 'echo "first sees [$GREETING]"', 'echo "export GREETING=\'hello world\'" > "$(dirname "$0")/../export"'),
        ...pack('second', 'echo "second sees [$GREETING]"'),
      });
      assert.deepEqual(slugOf(build).buildpacks, ['./first', 'slipway/procfile', 'second']);
      assert.match(build.output, /first sees \[\][^]*second sees \[hello world\]/);
      assert.ok(!(await readdir(join(await rig.unpackSlug(), 'first'))).includes('export'), 'what a buildpack writes beside itself stays out of the slug');
    });

    it('gives build, cache and config directories; config is not in the environment', async () => {
      const build = await rig.build(packed('[ "$1" = "$BUILD_DIR" ] && [ "$PWD" = "$1" ] && echo "dirs agree"', 'echo "mode [$MODE] in env, [$(cat "$3/MODE")] in a file"', 'ls "$3"', 'echo "stack $STACK commit $SOURCE_VERSION"', 'echo x > "$2/kept"'),
        { config: { MODE: 'quiet', 'BAD/../NAME': 'nonsense', PATH: '/evil' } });
      slugOf(build);
      assert.match(build.output, /dirs agree\nmode \[\] in env, \[quiet\] in a file\nMODE\nPATH\nstack \S+ commit c0ffee/);
    });

    it('keeps the cache between builds, and starts without it for a clean one', async () => {
      const count = packed('echo "found $(cat "$2/count" 2>/dev/null)"', 'echo "again" > "$2/count"');
      await rig.build(count);
      assert.match((await rig.build(count)).output, /found again/);
      assert.match((await rig.build(count, { clean: true })).output, /found \n/);
      assert.match((await rig.build(count)).output, /found again/);
    });

    it('takes process types and default config of bin/release where the Procfile names none', async () => {
      const build = await rig.build({
        ...packed('mkdir -p .profile.d', 'echo "export FROM_PACK=1" > .profile.d/pack.sh'), Procfile: 'worker: ./work\n',
        'pack/bin/release': '#!/bin/sh\ncat <<\'EOF\'\n---\naddons:\n  - db\nconfig_vars:\n  LANGUAGE: it\'s\n  PORTS: 3\ndefault_process_types:\n  web: bin/serve --port $PORT\n  worker: ignored\nEOF\n',
      });
      assert.deepEqual(slugOf(build).processTypes, [{ type: 'worker', command: './work' }, { type: 'web', command: 'bin/serve --port $PORT' }]);
      assert.match(await readFile(join(await rig.unpackSlug(), '.profile.d/000-config-defaults.sh'), 'utf8'), /\[ -n "\$\{LANGUAGE\+x\}" \] \|\| export LANGUAGE='it'\\''s'/);
    });

    it('leaves .git out of the slug, and everything else in', async () => {
      slugOf(await rig.build(packed('mkdir .git', 'echo x > .git/config', 'mkdir -p sub/.git empty', 'echo y > sub/.git/config')));
      const slug = await rig.unpackSlug();
      assert.deepEqual((await readdir(slug)).sort(), ['.buildpacks', 'Procfile', 'empty', 'pack', 'sub']);
      assert.deepEqual(await readdir(join(slug, 'sub')), ['.git']);
    });
  });

  describe('a build that goes wrong', () => {
    it('says why, with its last lines, and stores nothing', async () => {
      const failure = failed(await rig.build(packed('for i in $(seq 1 50); do echo "line $i"; done', 'echo "it is broken" >&2', 'exit 3')));
      assert.equal(failure.reason, 'BUILD_COMMAND_FAILED');
      assert.match(failure.message, /\.\/pack exited with code 3/);
      assert.equal(failure.lines.length, 20);
      assert.deepEqual(failure.lines.slice(-2), ['line 50', 'it is broken']);
    });

    it('tells a full disk and too little memory from other failures', async () => {
      assert.equal(failed(await rig.build(packed('echo "write error: No space left on device"', 'exit 1'))).reason, 'DISK_FULL');
      assert.equal(failed(await rig.build(packed('kill -9 $$'))).reason, 'OUT_OF_MEMORY');
      assert.equal(failed(await rig.build(packed('exit 137'))).reason, 'OUT_OF_MEMORY');
    });

    it('is ended when it prints without end', async () => {
      const build = await rig.build(packed('yes'), { limits: { outputBytes: 200_000 } });
      assert.equal(failed(build).reason, 'OUTPUT_LIMIT');
      assert.ok(build.output.length < 300_000);
    });

    it('is ended when its slug is larger than allowed', async () => {
      assert.equal(failed(await rig.build(packed('head -c 3000000 /dev/urandom > big'), { limits: { slugBytes: 1_000_000 } })).reason, 'SLUG_TOO_LARGE');
    });

    it('is not held up by what a buildpack leaves running', async () => {
      slugOf(await rig.build(packed('sleep 600 &', 'echo started')));
    });

    it('cannot write its own verdict by the lifecycle\'s descriptor', async () => {
      const build = await rig.build(packed('for fd in 3 4 5 6 7 8 9; do echo \'{"type":"outcome","outcome":{"status":"CANCELED"}}\' >&$fd && echo "OPEN $fd"; done 2>/dev/null', 'exit 1'));
      assert.doesNotMatch(build.output, /OPEN/);
      assert.equal(failed(build).reason, 'BUILD_COMMAND_FAILED');
    });
  });

  it('shows no config value, as it is or encoded, whole or in the failure\'s lines', async () => {
    const secret = 'pa55/w0rd=& with blanks';
    const build = await rig.build(packed(
      'value=$(cat "$3/SECRET")', 'echo "the value is $value."', 'for ((i = 0; i < ${#value}; i++)); do printf %s "${value:$i:1}"; done; echo', 'printf %s "$value" | base64', 'printf "user:%s" "$value" | base64',
      'cat "$3/KEY"', 'cat "$3/SHORT"', 'echo "$value" >&2', 'exit 1',
    ), { config: { SECRET: secret, KEY: 'first line\nsecond line\n', SHORT: 'abc' } });
    const said = JSON.stringify(build.outcome) + build.output;
    assert.match(build.output, /the value is \[redacted\]\.\n\[redacted\]\n/);
    for (const shown of [secret, 'first line', 'second line', Buffer.from(secret).toString('base64').slice(0, 20), Buffer.from(`user:${secret}`).toString('base64').slice(8, 28)]) assert.ok(!said.includes(shown), shown);
    assert.match(build.output, /abc/);
  });
});
