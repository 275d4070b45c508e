import { describe, it } from 'node:test';
import { faultPoints } from '../../service/fault-points.ts';
import { surviveFault } from '../kit/fault-run.ts';

describe('a deploy ends well, once, when a process is killed with -9', () => {
  for (const point of faultPoints) it(`at ${point}`, (t) => surviveFault(t, point));
});
