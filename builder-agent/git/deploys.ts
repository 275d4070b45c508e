import { askUntilAnswered, BusError, onNotice } from '../../bus/ask.ts';
import { eventsWritten } from '../../bus/app.ts';
import type { Bus } from '../../bus/connect.ts';
import { pushState, pushUnfinished } from '../../bus/push.ts';
import type { Logger } from '../../service/log.ts';
import { forgetCommit, keptBuilds } from './branch.ts';
import { driveDeploy } from './deploy.ts';
import type { Deploy } from './deploy.ts';
import { gitOrNull } from './git.ts';
import { tidy } from './repository.ts';
import type { Repositories } from './repository.ts';

export interface DeployName { appId: string; branch: string; commit: string }

/** A build whose commit is kept in the app's repository. */
export interface Left { appId: string; buildId: string }

/** All deploys that this server drives. */
export interface Deploys {
  bus: Bus;
  /** The deploy of this commit that is under way; where there is none, `begin` makes one. Two at once get the same. */
  join(name: DeployName, begin: () => Promise<Deploy>): Promise<{ deploy: Deploy; joined: boolean }>;
  drive(deploy: DeployName & { buildId: string }): Promise<Deploy>;
  /** What a former life of the server left unfinished: ask before the first push. */
  listLeft(): Promise<Left[]>;
  /** Takes up what was left, and keeps looking for deploys that nobody drives. */
  repair(left: Left[]): Promise<void>;
  /** The server is being stopped: its deploys go on without it. */
  isStopping(): boolean;
}

export interface DeploysOptions { bus: Bus; log: Logger; repositories: Repositories; signal: AbortSignal }

/** Whoever asked for a build and got no answer has one that nobody drives, until this look. */
const HEAL_MS = 30_000;

export function createDeploys({ bus, log, repositories, signal }: DeploysOptions): Deploys {
  const deploys = new Map<string, Deploy>();
  const beginning = new Map<string, Promise<Deploy>>();
  const lock = createLock();
  const newest = new Map<string, number>();
  const lost = new Set<string>();
  onNotice(bus, eventsWritten, ({ appId }) => { for (const deploy of deploys.values()) if (deploy.appId === appId) deploy.wake(); },
    (error) => { log.warn({ error }, 'a notice could not be read'); });

  const drive: Deploys['drive'] = async ({ buildId, appId, commit, branch }) => {
    const dir = await repositories.open(appId);
    const known = deploys.get(buildId);
    if (known) return known;
    const isNewest = (what: string, number: number): boolean => {
      const key = `${appId} ${branch} ${what}`;
      if (number < (newest.get(key) ?? 0)) return false;
      newest.set(key, number);
      return true;
    };
    const deploy = driveDeploy({ bus, log, dir, buildId, appId, commit, branch, signal, isNewest, lock: (run) => lock(appId, run) });
    deploys.set(buildId, deploy);
    deploy.ended.catch((error: unknown) => { if (!signal.aborted) log.error({ error, buildId }, 'a deploy is not followed any more'); })
      .finally(() => { deploys.delete(buildId); })
      .then(() => tidy(dir)).catch((error: unknown) => { log.warn({ error, appId }, 'a repository could not be packed; the next deploy tries again'); });
    return deploy;
  };
  const takeUp = async (): Promise<void> => {
    const { deploys: unfinished } = await askUntilAnswered(bus, pushUnfinished, {}, signal);
    for (const { buildId, appId, commit, branch } of unfinished) {
      if (deploys.has(buildId)) continue;
      const dir = await repositories.open(appId);
      // Without its commit there is nothing to move the branch to: the repository is not the one that took the push.
      if (await gitOrNull(dir, ['cat-file', '-e', `${commit}^{commit}`]) === null) {
        if (!lost.has(buildId)) log.warn({ buildId, commit }, 'the commit of an unfinished deploy is not in its repository');
        lost.add(buildId);
      } else await drive({ buildId, appId, commit, branch });
    }
  };
  /** Deploys that ended while no server ran, or that were never asked for: what is kept for them goes, and a branch may have to come back. */
  const takeUpLeft = async ({ appId, buildId }: Left): Promise<void> => {
    if (deploys.has(buildId)) return;
    const state = await askUntilAnswered(bus, pushState, { buildId }, signal).catch((error: unknown) => {
      if (error instanceof BusError && error.code === 'NOT_FOUND') return null;
      throw error;
    });
    if (state) await drive({ buildId, appId, commit: state.build.commit, branch: state.build.branch });
    else await forgetCommit(await repositories.open(appId), buildId);
  };
  return {
    bus, drive,
    isStopping: () => signal.aborted,
    join: async (name, begin) => {
      const underWay = [...deploys.values()].find((deploy) => deploy.appId === name.appId && deploy.commit === name.commit && deploy.branch === name.branch);
      const key = JSON.stringify([name.appId, name.branch, name.commit]);
      const joined = underWay ?? beginning.get(key);
      if (joined) return { deploy: await joined, joined: true };
      const begun = begin().finally(() => { beginning.delete(key); });
      beginning.set(key, begun);
      return { deploy: await begun, joined: false };
    },
    listLeft: async () => {
      const left: Left[] = [];
      for (const appId of await repositories.list()) for (const buildId of await keptBuilds(repositories.path(appId))) left.push({ appId, buildId });
      return left;
    },
    repair: async (left) => {
      await takeUp();
      for (const one of left) await takeUpLeft(one).catch((error: unknown) => { if (!signal.aborted) log.error({ error, ...one }, 'an unfinished deploy could not be taken up'); });
      const healing = setInterval(() => { takeUp().catch((error: unknown) => { if (!signal.aborted) log.error({ error }, 'unfinished deploys could not be looked for'); }); }, HEAL_MS);
      signal.addEventListener('abort', () => { clearInterval(healing); }, { once: true });
    },
  };
}

/** One at a time by key, in the order they came. */
function createLock(): <T>(key: string, run: () => Promise<T>) => Promise<T> {
  const last = new Map<string, Promise<unknown>>();
  return (key, run) => {
    const turn = (last.get(key) ?? Promise.resolve()).then(run, run);
    const settled = turn.catch(() => undefined).finally(() => { if (last.get(key) === settled) last.delete(key); });
    last.set(key, settled);
    return turn;
  };
}
