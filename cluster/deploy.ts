/** What an app is wanted to be; made from rows by the controller, the same for every cluster. */
export interface WantedApp {
  appId: string;
  name: string;
  /** Names it had before: it answers at their addresses too. */
  formerNames: string[];
  /** Null: nothing was ever deployed, or nothing may run. */
  release: WantedRelease | null;
  /** Every process type of the release's slug, also those at quantity 0. */
  processes: WantedProcess[];
}

export interface WantedRelease {
  id: string;
  version: number;
  slugDigest: string;
  /** The slug as a container image, by digest; null where it was built without one. */
  image: string | null;
  /** `container`: built by a Dockerfile. Its image has no entrypoint of ours: a command is run by its /bin/sh, an empty one is the image's own. */
  stack: string;
  /** Equal fingerprints are equal environments (digests of keys and values), whichever release they belong to. */
  configFingerprint: string;
  /** It came `restart: false`: replicas of the same code count as its own, whatever config they have. */
  keepsReplicas: boolean;
  /** It has been complete before: a crash loop is a status of its replicas now, and fails no rollout. */
  live: boolean;
}

export interface WantedProcess {
  type: string;
  command: string;
  quantity: number;
  memoryBytes: number;
  /** Grows with each restart of the whole process type. */
  restarts: number;
  /** Ids of replicas to be replaced, one by one. */
  replace: string[];
}

export type RolloutFailureReason =
  | 'CRASH_LOOP' | 'PORT_NOT_BOUND' | 'HEALTH_CHECK_FAILED' | 'OUT_OF_MEMORY' | 'SLUG_UNAVAILABLE' | 'IMAGE_PULL_FAILED' | 'UNSCHEDULABLE' | 'QUOTA_EXCEEDED' | 'TIMEOUT' | 'INTERNAL';

/** How far the wanted release is. `complete`: all its replicas are up, have the traffic, and no other runs. */
export type Rollout =
  | { status: 'progressing' }
  | { status: 'complete' }
  | ({ status: 'failed' } & RolloutFailure);

export interface RolloutFailure { reason: RolloutFailureReason; message: string; hint: string | null; exitCode: number | null; lines: string[] }

export interface ObservedReplica {
  id: string;
  process: string;
  index: number;
  releaseId: string;
  status: 'STARTING' | 'UP' | 'BACKING_OFF' | 'STOPPING' | 'EXITED';
  restarts: number;
  exitCode: number | null;
  exitReason: string | null;
  lastLines: string[];
  startedAt: Date;
  readyAt: Date | null;
}

/** A program that runs once with a release's slug and config. */
export interface ClusterCommand {
  /** Unique; starting the same id again answers the command that there is. */
  id: string;
  appId: string;
  appName: string;
  release: WantedRelease;
  process: string;
  command: string;
  memoryBytes: number;
  /** How long it may take. */
  seconds: number;
}

export type CommandResult = { status: 'running' } | { status: 'ended'; exitCode: number; exitReason: string | null; lastLines: string[] };

/** Where apps run. Level-triggered: every call may come twice, late, or after a restart of either side. */
export interface DeployCluster {
  /** Each app is to be reconciled this often though nothing was heard of it: so long may a lost notice go unnoticed, or what somebody changed by hand. 0: with every sweep; Infinity: the cluster sees to that itself, and calls back. */
  resyncMs: number;
  /** Takes the app one step nearer to what is wanted and says how far it is. While a rollout has failed or goes on, what served keeps serving. */
  reconcile(app: WantedApp): Promise<{ rollout: Rollout; replicas: ObservedReplica[] }>;
  /** The ids of apps that something is there of, as far as that is known without asking for each. */
  present(): Promise<string[]>;
  /** No row knows this app. What is there of it stays as it is, for another platform may know it; the operator is told once. */
  leave(appId: string): Promise<void>;
  /** Ends all of an app; true when nothing is left of it, else call again after the next change. */
  remove(appId: string): Promise<boolean>;
  /** Starts the command if it was not, and says how it is doing. */
  runCommand(command: ClusterCommand): Promise<CommandResult>;
  /** Ends the command if it runs and forgets it. */
  forgetCommand(command: Pick<ClusterCommand, 'id' | 'appId'>): Promise<void>;
  /** Calls back with the app whose reconcile would now see something new; null: all of them. */
  watch(onChange: (appId: string | null) => void): void;
}
