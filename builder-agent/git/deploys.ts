import { askUntilAnswered, onNotice } from '../../bus/ask.ts';
import { eventsWritten } from '../../bus/app.ts';
import type { Bus } from '../../bus/connect.ts';
import { pushUnfinished } from '../../bus/push.ts';
import type { Logger } from '../../service/log.ts';
import { driveDeploy } from './deploy.ts';
import type { Deploy } from './deploy.ts';
import { gitOrNull } from './git.ts';
import type { Repositories } from './repository.ts';

/** All deploys that this server drives. */
export interface Deploys {
  bus: Bus;
  /** A deploy of this very commit that has not ended. */
  find(appId: string, commit: string): Deploy | undefined;
  drive(deploy: { buildId: string; appId: string; commit: string; branch: string }): Promise<Deploy>;
  /** Takes up what a former life of the server did not finish: branches it owes a move to, builds that go on. */
  repair(): Promise<void>;
}

export interface DeploysOptions { bus: Bus; log: Logger; repositories: Repositories; signal: AbortSignal }

export function createDeploys({ bus, log, repositories, signal }: DeploysOptions): Deploys {
  const deploys = new Map<string, Deploy>();
  const locks = new Map<string, Promise<unknown>>();
  const lock = <T>(appId: string, run: () => Promise<T>): Promise<T> => {
    const turn = (locks.get(appId) ?? Promise.resolve()).then(run, run);
    const settled = turn.catch(() => undefined).finally(() => { if (locks.get(appId) === settled) locks.delete(appId); });
    locks.set(appId, settled);
    return turn;
  };
  onNotice(bus, eventsWritten, ({ appId }) => { for (const deploy of deploys.values()) if (deploy.appId === appId) deploy.wake(); },
    (error) => { log.warn({ error }, 'a notice could not be read'); });
  const drive: Deploys['drive'] = async ({ buildId, appId, commit, branch }) => {
    const known = deploys.get(buildId);
    if (known) return known;
    const dir = await repositories.open(appId);
    const deploy = driveDeploy({ bus, log, dir, buildId, appId, commit, branch, signal, lock: (run) => lock(appId, run) });
    deploys.set(buildId, deploy);
    deploy.ended.catch((error: unknown) => { if (!signal.aborted) log.error({ error, buildId }, 'a deploy is not followed any more'); })
      .finally(() => { deploys.delete(buildId); });
    return deploy;
  };
  return {
    bus, drive,
    find: (appId, commit) => [...deploys.values()].find((deploy) => deploy.appId === appId && deploy.commit === commit),
    repair: async () => {
      const { deploys: unfinished } = await askUntilAnswered(bus, pushUnfinished, {}, signal);
      for (const { buildId, appId, commit, branch } of unfinished) {
        const dir = await repositories.open(appId);
        // Without its commit there is nothing to move the branch to: the repository is not the one that took the push.
        if (await gitOrNull(dir, ['cat-file', '-e', `${commit}^{commit}`]) === null) log.error({ buildId, commit }, 'the commit of an unfinished deploy is not in its repository');
        else await drive({ buildId, appId, commit, branch });
      }
    },
  };
}
