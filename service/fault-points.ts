/** Named points between two effects of a deploy, by the process that comes to them; `npm run test:faults` kills each process at each of them. */
export const faultPoints = [
  'git.pack-received',
  'git.commit-kept',
  'git.source-stored',
  'git.build-requested',
  'git.ref-moved',
  'git.move-told',
  'gateway.build-queued',
  'gateway.build-claimed',
  'gateway.build-finished',
  'build.claimed',
  'build.job-started',
  'build.job-ended',
  'build.finished',
  'controller.rollout-started',
  'controller.release-command-started',
  'controller.release-command-ended',
  'controller.replicas-wanted',
  'controller.route-written',
  'controller.replicas-up',
  'controller.release-live',
  'local-node.job-started',
  'local-node.job-ended',
  'local-node.replica-wanted',
  'local-node.replica-started',
  'local-node.replica-up',
  'local-node.replica-ended',
  'log-agent.batch-published',
  'router.route-applied',
] as const;

/** Those on the way of a deploy that fails back to what was live before. */
export const failurePoints = [
  'controller.replicas-failed',
  'controller.release-failed',
] as const;

export type FaultPoint = (typeof faultPoints)[number] | (typeof failurePoints)[number];
