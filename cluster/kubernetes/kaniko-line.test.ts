import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readableKanikoLine } from './kaniko-line.ts';

const info = (text: string): string => `\u001b[36mINFO\u001b[0m[0012] ${text}`;

describe('a line of Kaniko', () => {
  const cases: [string, string, string | null][] = [
    ['a step', info('RUN npm ci'), '       RUN npm ci'],
    ['what a step prints', 'added 12 packages', 'added 12 packages'],
    ['its own bookkeeping', info('Taking snapshot of full filesystem...'), null],
    ['the step of a slug\'s own Dockerfile', info('ADD app.tar /                               '), null],
    ['a warning', '\u001b[33mWARN\u001b[0m[0003] something is odd', ' !     something is odd'],
    ['what it does for a slug, which has no base', info('No base image, nothing to extract                    '), null],
    ['a label of ours', info('Applying label slipway.dev/slug=abc'), null],
    ['a label of the Dockerfile\'s', info('Applying label org.example=abc'), '       Applying label org.example=abc'],
    ['where the gateway is that it pushed to', info('Pushed 127.0.0.1:5000/slipway/app-1@sha256:00'), null],
    ['what it pushed', info('Pushed registry/app@sha256:00'), '       Pushed registry/app@sha256:00'],
  ];
  for (const [what, line, expected] of cases) it(`that is ${what} reads ${expected === null ? 'as nothing' : 'well'}`, () => { assert.equal(readableKanikoLine(line), expected); });
});
