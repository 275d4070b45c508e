import type { Bus } from '../../bus/connect.ts';
import { logSubject } from '../../bus/log.ts';
import type { DeployState } from '../../bus/push.ts';
import { faultPoint } from '../../service/fault.ts';
import type { Logger } from '../../service/log.ts';
import { bringBack, forgetCommit, moveBranch, noteLive } from './branch.ts';
import { followStates } from './deploy-states.ts';
import { followJobLog } from './job-log.ts';
import type { JobLog } from './job-log.ts';
import { tellBuildFailure, tellRelease } from './verdict.ts';
import type { Verdict } from './verdict.ts';
import { createVoice } from './voice.ts';
import type { Voice } from './voice.ts';

/** One deploy as this server drives it, whether or not anybody watches. */
export interface Deploy extends Pick<Voice, 'listen'> {
  buildId: string; appId: string; commit: string; branch: string;
  /** What goes on, for those who wait: "building". */
  doing(): string;
  /** The build has ended. */
  built: Promise<Verdict>;
  /** Moves the branch to a commit that is built, for a pusher who waits for no more than that. */
  moveNow(): Promise<void>;
  /** The release has its verdict too, and the branch is where it belongs. */
  ended: Promise<Verdict>;
  /** Its rows may have changed: look. */
  wake(): void;
}

export interface DeployOptions {
  bus: Bus; log: Logger; dir: string; buildId: string; appId: string; commit: string; branch: string; signal: AbortSignal;
  /** Runs alone among all that moves branches of the app. */
  lock<T>(run: () => Promise<T>): Promise<T>;
  /** Whether this build's turn for `what` has not been overtaken by a later build's; asked under the lock, and noted. */
  isNewest(what: 'moved' | 'live', number: number): boolean;
}

/** Follows a build to its end and its release to the verdict, tells of both, and moves the branch. */
export function driveDeploy(options: DeployOptions): Deploy {
  const { dir, buildId, appId, commit, branch, lock } = options;
  const voice = createVoice();
  const states = followStates(options);
  let doing = 'building';
  let number = 0;
  /** In a former life of this server, or just now: the rows know. */
  let overtaken = false;

  const followBuild = async (): Promise<Verdict> => {
    const log = followJobLog({ ...options, subject: logSubject(appId, 'BUILD', buildId), say: voice.say });
    try {
      const state = await states.until(({ build }) => !['QUEUED', 'RUNNING'].includes(build.status), ({ build }) => { doing = build.status === 'QUEUED' ? 'waiting for a builder' : 'building'; });
      ({ number, overtaken } = state.build);
      await log.after(state.build.status === 'SUCCEEDED' || state.build.status === 'FAILED');
      if (state.build.status === 'SUCCEEDED') return { error: null };
      await forgetCommit(dir, buildId);
      return tellBuildFailure(state, voice.say);
    } finally { log.stop(); }
  };
  const isNewest = (what: 'moved' | 'live'): boolean => !overtaken && options.isNewest(what, number);
  const move = async (): Promise<void> => { if (isNewest('moved')) await moveBranch(dir, { branch, commit }); };
  const settle = (isLive: boolean): Promise<void> => lock(async () => {
    if (isLive) {
      await move();
      if (isNewest('live')) await noteLive(dir, { branch, commit });
      faultPoint('git.ref-moved');
      await states.noteMoved();
      faultPoint('git.move-told');
    } else await bringBack(dir, { branch, commit });
    await forgetCommit(dir, buildId);
  });
  const followRelease = async (built: Verdict): Promise<Verdict> => {
    if (built.error !== null) return built;
    doing = 'releasing';
    const state = await tellReleasing();
    ({ overtaken } = state.build);
    await settle(state.release?.status === 'LIVE');
    return tellRelease(state, voice.say);
  };
  /** Release by release: where another takes this one's place with the same code, that is the one that counts. */
  const tellReleasing = async (): Promise<DeployState> => {
    let told: string | null = null;
    let command: JobLog | null = null;
    try {
      const state = await states.until(({ release }) => release !== null && !['PENDING', 'ROLLING_OUT'].includes(release.status), ({ release }) => {
        if (!release || release.id === told) return;
        told = release.id;
        voice.say(`-----> Releasing v${release.version}`);
        command?.stop();
        // What its release command prints; most releases have none.
        command = followJobLog({ ...options, subject: logSubject(appId, 'APP', `release-${release.id}`), say: (line) => { voice.say(`       ${line}`); } });
      });
      const last = command as JobLog | null;
      await last?.after(last.begun());
      return state;
    } finally { (command as JobLog | null)?.stop(); }
  };

  const built = followBuild();
  const ended = built.then(followRelease);
  // A stopped server leaves its deploys to the next one; nobody else need hear of that.
  built.catch(() => undefined);
  ended.catch(() => undefined);
  return {
    buildId, appId, commit, branch, built, ended, listen: voice.listen, wake: states.wake,
    doing: () => doing,
    moveNow: () => lock(move),
  };
}
