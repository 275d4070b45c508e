import { ask, askUntilAnswered, BusError } from '../../bus/ask.ts';
import type { Bus } from '../../bus/connect.ts';
import { pushMoved, pushState } from '../../bus/push.ts';
import type { DeployState } from '../../bus/push.ts';
import { logSubject } from '../../bus/log.ts';
import { faultPoint } from '../../service/fault.ts';
import type { Logger } from '../../service/log.ts';
import { followJobLog } from './job-log.ts';
import type { JobLog } from './job-log.ts';
import { git, gitOrNull } from './git.ts';

/** How a deploy ended, as git is told: null is well. */
export interface Verdict { error: string | null }

/** One deploy as this server drives it, whether or not anybody watches. */
export interface Deploy {
  buildId: string;
  appId: string;
  commit: string;
  /** Lines from the first on, then live, until the signal. */
  watch(say: (line: string) => void, signal: AbortSignal): void;
  /** The build has ended and the branch is where it belongs. */
  built: Promise<Verdict>;
  /** The release has its verdict too. */
  ended: Promise<Verdict>;
  /** Its rows may have changed: look. */
  wake(): void;
}

export interface DeployOptions { bus: Bus; log: Logger; dir: string; buildId: string; appId: string; commit: string; branch: string; signal: AbortSignal; lock<T>(run: () => Promise<T>): Promise<T> }

/** A look at the rows without having been told: heals lost messages. */
const HEAL_MS = 5_000;
/** A person who pushes hears something at least this often. */
const SILENCE_MS = 4_000;

/** Follows a build to its end, moves the branch when there is a slug, and follows the release to its verdict. */
export function driveDeploy(options: DeployOptions): Deploy {
  const said: string[] = [];
  const watchers = new Set<(line: string) => void>();
  let lastSaid = Date.now();
  const begun = Date.now();
  const say = (line: string, keep = true): void => {
    if (keep) said.push(line);
    lastSaid = Date.now();
    for (const tell of watchers) tell(line);
  };
  let wake: () => void = () => undefined;
  let what = 'Building';
  const heartbeat = setInterval(() => { if (Date.now() - lastSaid > SILENCE_MS) say(`       … ${what.toLowerCase()} (${Math.round((Date.now() - begun) / 1000)} s)`, false); }, 1_000);

  const nextState = async (): Promise<DeployState> => {
    await new Promise<void>((resolve, reject) => {
      if (options.signal.aborted) { reject(options.signal.reason as Error); return; }
      const timer = setTimeout(done, HEAL_MS);
      const stopped = (): void => { clearTimeout(timer); reject(options.signal.reason as Error); };
      function done(): void { clearTimeout(timer); options.signal.removeEventListener('abort', stopped); resolve(); }
      options.signal.addEventListener('abort', stopped, { once: true });
      wake = done;
    });
    return readState(options);
  };
  const until = async (isReached: (state: DeployState) => boolean, onState: (state: DeployState) => void): Promise<DeployState> => {
    let state = await readState(options);
    for (;;) {
      onState(state);
      if (isReached(state)) return state;
      state = await nextState();
    }
  };
  const built = (async (): Promise<Verdict> => {
    const log = followJobLog({ ...options, subject: logSubject(options.appId, 'BUILD', options.buildId), say });
    let queuedSaid = false;
    const state = await until(({ build }) => !['QUEUED', 'RUNNING'].includes(build.status), ({ build }) => {
      what = build.status === 'QUEUED' ? 'Waiting for a builder' : 'Building';
      if (build.status === 'QUEUED' && !queuedSaid && Date.now() - begun > 1_000) { queuedSaid = true; say('-----> Waiting for another build to end'); }
    });
    await log.after(state.build.status === 'SUCCEEDED' || state.build.status === 'FAILED');
    if (state.build.status !== 'SUCCEEDED') return tellBuildFailure(state, say);
    await moveBranch(options);
    return { error: null };
  })();
  const ended = built.then(async (verdict): Promise<Verdict> => {
    if (verdict.error !== null) return verdict;
    what = 'Releasing';
    let command: JobLog | null = null;
    const state = await until(({ release }) => release !== null && !['PENDING', 'ROLLING_OUT'].includes(release.status), ({ release }) => {
      if (!release || command) return;
      say(`-----> Releasing v${release.version}`);
      // What its release command prints; most releases have none.
      command = followJobLog({ ...options, subject: logSubject(options.appId, 'APP', `release-${release.id}`), say: (line) => { say(`       ${line}`); } });
    });
    await (command as JobLog | null)?.after((command as JobLog | null)?.begun() ?? false);
    return tellRelease(state, say);
  }).finally(() => { clearInterval(heartbeat); });
  // A stopped server leaves its deploys to the next one; nobody else need hear of that.
  built.catch(() => undefined);
  ended.catch(() => undefined);
  return {
    buildId: options.buildId, appId: options.appId, commit: options.commit, built, ended, wake: () => { wake(); },
    watch: (tell, signal) => {
      for (const line of said) tell(line);
      watchers.add(tell);
      signal.addEventListener('abort', () => { watchers.delete(tell); }, { once: true });
    },
  };
}

async function readState({ bus, buildId, signal, log }: DeployOptions): Promise<DeployState> {
  for (;;) {
    try {
      return await askUntilAnswered(bus, pushState, { buildId }, signal);
    } catch (error) {
      // The gateway is being restarted, or its database: the deploy goes on without us, so we only have to ask again.
      if (!(error instanceof BusError) || error.code === 'NOT_FOUND') throw error;
      log.warn({ error, buildId }, 'the state of a deploy could not be read; asking again');
      await new Promise((resolve) => { setTimeout(resolve, 1_000); });
    }
  }
}

function tellBuildFailure({ build }: DeployState, say: (line: string) => void): Verdict {
  if (build.status === 'SUPERSEDED') {
    const by = build.supersededBy?.slice(0, 8) ?? 'a newer push';
    say(` !     This push was superseded by ${by}; it was not built.`);
    return { error: `superseded by ${by}` };
  }
  if (build.status === 'CANCELED') {
    say(' !     The build was canceled.');
    return { error: 'build canceled' };
  }
  const { failure } = build;
  say('');
  say(` !     Build ${build.number} failed: ${failure?.message ?? 'for an unknown reason'}`);
  if (failure?.hint) say(` !     ${failure.hint}`);
  return { error: `build failed: ${failure?.reason ?? 'INTERNAL'}` };
}

function tellRelease({ release }: DeployState, say: (line: string) => void): Verdict {
  if (!release) return { error: 'no release was made' };
  if (release.status === 'LIVE') {
    say(`-----> Launched: v${release.version} is live at ${release.url}`);
    return { error: null };
  }
  if (release.status === 'SUPERSEDED') {
    say(` !     v${release.version} was superseded by a newer release before it was live.`);
    return { error: `release v${release.version} was superseded` };
  }
  const { failure, rolledBack } = release;
  say('');
  say(` !     Release v${release.version} failed: ${failure?.message ?? 'for an unknown reason'}`);
  for (const line of failure?.lines ?? []) say(` !         ${line}`);
  if (failure?.hint) say(` !     ${failure.hint}`);
  say(rolledBack ? ` !     v${rolledBack.to} never stopped serving; v${rolledBack.version} restores it.` : ' !     Nothing serves: there was no earlier release that was live.');
  return { error: `release v${release.version} failed: ${failure?.reason ?? 'INTERNAL'}` };
}

/** The slug exists: the branch goes to its commit, from wherever it is; builds of an app end one after the other, so this never goes back. */
async function moveBranch({ bus, dir, buildId, commit, branch, lock, signal }: DeployOptions): Promise<void> {
  await lock(async () => {
    const ref = `refs/heads/${branch}`;
    const tip = await gitOrNull(dir, ['rev-parse', '--verify', '-q', ref]);
    if (tip !== commit) await git(dir, ['update-ref', ref, commit, tip ?? '0'.repeat(commit.length)]);
    faultPoint('git.ref-moved');
    await askUntilAnswered(bus, pushMoved, { buildId }, signal);
    await git(dir, ['update-ref', '-d', `refs/slipway/builds/${buildId}`]);
  });
}

/** Forgets a build that never came to be: its request was refused. */
export async function forgetBuild(dir: string, buildId: string): Promise<void> {
  await gitOrNull(dir, ['update-ref', '-d', `refs/slipway/builds/${buildId}`]);
}

/** One look at a deploy; null: there is none of this id. */
export async function findDeploy(bus: Bus, buildId: string): Promise<DeployState | null> {
  return ask(bus, pushState, { buildId }).catch((error: unknown) => {
    if (error instanceof BusError && error.code === 'NOT_FOUND') return null;
    throw error;
  });
}
