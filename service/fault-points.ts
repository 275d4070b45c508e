/** Named points between two effects of a deploy; `npm run test:faults` kills the process at each of them. */
export const faultPoints = [
  'git.pack-received',
  'git.source-stored',
  'git.build-requested',
  'git.ref-moved',
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
  'local-node.replica-wanted',
  'local-node.replica-started',
  'local-node.replica-up',
  'log-agent.batch-published',
  'router.route-applied',
] as const;

export type FaultPoint = (typeof faultPoints)[number];
