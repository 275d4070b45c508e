import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createAttention } from './attention.ts';

describe('attention', () => {
  const MOST = 2;
  /** Work on apps, one after the other: `+a` something was to be done, `a` nothing was. Answers who is attended to in the end. */
  const after = (apps: number, steps: string[], working: string[] = []): string[] => {
    const attended = new Set<string>();
    const attention = createAttention(() => apps, MOST);
    for (const appId of working) attention.begin(appId);
    for (const step of steps) {
      const appId = step.replace('+', '');
      attention.begin(appId);
      attention.end(appId, { attend: () => attended.add(appId), isAttended: () => attended.has(appId), rest: () => attended.delete(appId) }, !step.startsWith('+'));
      if (working.includes(appId)) attention.begin(appId);
    }
    return [...attended].sort();
  };

  const cases: { what: string; apps: number; steps: string[]; working?: string[]; attended: string[] }[] = [
    { what: 'where there are few, all are, though nothing is to be done', apps: 2, steps: ['a', 'b'], attended: ['a', 'b'] },
    { what: 'where there are many, who needs nothing rests at once', apps: 3, steps: ['a', 'b', 'c'], attended: [] },
    { what: 'who needed something goes on being attended to', apps: 3, steps: ['+a', 'a'], attended: ['a'] },
    { what: 'the one that needed something longest ago rests for another', apps: 3, steps: ['+a', '+b', '+a', '+c'], attended: ['a', 'c'] },
    { what: 'a look in passing is no need', apps: 3, steps: ['+a', '+b', 'a', '+c'], attended: ['b', 'c'] },
    { what: 'nobody rests in the middle of work on it', apps: 3, steps: ['+a', '+b', '+c'], working: ['a'], attended: ['a', 'c'] },
  ];
  for (const { what, apps, steps, working, attended } of cases) it(what, () => { assert.deepEqual(after(apps, steps, working), attended); });
});
