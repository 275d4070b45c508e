import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseBuildFile } from './build-file.ts';
import { BuildFailure } from './failure.ts';

describe('slipway.toml', () => {
  const good: [string, ReturnType<typeof parseBuildFile>][] = [
    ['', { builder: 'buildpacks', dockerfile: 'Dockerfile' }],
    ['[build]\n', { builder: 'buildpacks', dockerfile: 'Dockerfile' }],
    ['[build]\nbuilder = "dockerfile"\n', { builder: 'dockerfile', dockerfile: 'Dockerfile' }],
    ['[build]\nbuilder = "dockerfile"\ndockerfile = "docker/web.Dockerfile" # not the other one', { builder: 'dockerfile', dockerfile: 'docker/web.Dockerfile' }],
  ];
  for (const [text, expected] of good) it(`says ${JSON.stringify(expected)} by ${JSON.stringify(text)}`, () => { assert.deepEqual(parseBuildFile(text), expected); });

  const bad: [string, string, RegExp][] = [
    ['no TOML', '[build\n', /^slipway\.toml: Invalid TOML/],
    ['a builder that there is not', '[build]\nbuilder = "docker"', /build\.builder: .*"buildpacks"\|"dockerfile"/],
    ['a key with a typo', '[build]\nbuidler = "dockerfile"', /build: .*buidler/],
    ['a table that there is not', '[deploy]\n', /deploy/],
  ];
  for (const [what, text, message] of bad) {
    it(`with ${what} ends the build with a sentence`, () => {
      assert.throws(() => parseBuildFile(text), (error) => error instanceof BuildFailure && error.reason === 'SOURCE_INVALID' && message.test(error.message));
    });
  }
});
