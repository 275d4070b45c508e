import { describe, it } from 'node:test';
import { surviveFault } from '../kit/fault-run.ts';

/** A few of `npm run test:faults`: one each of the git server, the gateway, the controller and the node. */
describe('a deploy ends well, once, when a process is killed with -9', () => {
  for (const point of ['git.build-requested', 'gateway.build-finished', 'controller.replicas-wanted', 'local-node.replica-started'] as const) it(`at ${point}`, (t) => surviveFault(t, point));
});
