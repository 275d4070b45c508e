import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LogBatch } from '../../bus/log.ts';
import { createLogMatcher, decodeLogMessage } from './message.ts';
import type { LogFilter } from './message.ts';

const message = (batch: Partial<LogBatch>) => decodeLogMessage(1_700_000_000_000, {
  seq: 1, subject: 's', storedAt: 0,
  data: new TextEncoder().encode(JSON.stringify({ source: 'APP', process: 'web', replica: 'web.1', release: 3, build: null, lines: [[1_000, 'o', 'd', 'detail'], [1_001, 'o', 'i', 'News of the day'], [1_002, 'e', 'w', 'careful'], [1_003, 'e', 'e', 'on fire']], ...batch })),
});
const messages = [message({}), message({ process: 'worker', replica: 'worker.2', release: 4, lines: [[1_004, 'o', 'i', 'work']] }), message({ source: 'ROUTER', process: null, replica: null, release: null, lines: [[1_005, 'o', 'i', 'GET /news']] })];

const matching = (filter: LogFilter, since?: Date): string[] => {
  const matcher = createLogMatcher(filter, since);
  return messages.filter((one) => matcher.message(one)).flatMap((one) => one.lines().filter((line) => matcher.line?.(line) ?? true)).map(({ text }) => text);
};
const all = ['detail', 'News of the day', 'careful', 'on fire', 'work', 'GET /news'];

describe('a filter of log lines', () => {
  const cases: [string, LogFilter, string[]][] = [
    ['lets all through when it asks for nothing', {}, all],
    ['and when it says so with nulls', { sources: null, processes: null, replicas: null, releases: null, minLevel: null, stream: null, search: null }, all],
    ['by source', { sources: ['ROUTER'] }, ['GET /news']],
    ['by one of several sources', { sources: ['APP', 'ROUTER'] }, all],
    ['by process', { processes: ['worker'] }, ['work']],
    ['by replica', { replicas: ['web.1'] }, all.slice(0, 4)],
    ['by release', { releases: [4] }, ['work']],
    ['by the least level', { minLevel: 'WARN' }, ['careful', 'on fire']],
    ['by the least of all levels', { minLevel: 'DEBUG' }, all],
    ['by stream', { stream: 'STDERR' }, ['careful', 'on fire']],
    ['by text in any case', { search: 'NEWS' }, ['News of the day', 'GET /news']],
    ['by all that it asks for at once', { sources: ['APP'], minLevel: 'INFO', stream: 'STDOUT', search: 'o' }, ['News of the day', 'work']],
    ['by an empty list: none', { processes: [] }, []],
  ];
  for (const [name, filter, expected] of cases) it(name, () => { assert.deepEqual(matching(filter), expected); });

  it('by time, to the millisecond', () => { assert.deepEqual(matching({}, new Date(1_003)), ['on fire', 'work', 'GET /news']); });
});
