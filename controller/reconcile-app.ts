import type { WantedApp } from '../cluster/deploy.ts';
import { deleteBuildCache } from '../platform/build/finish-build.ts';
import { deleteLogSegments } from '../platform/log/archive.ts';
import { assertLead, CONTROLLER_LEASE } from '../platform/lease.ts';
import { recordReplicas } from '../platform/release/replica.ts';
import { markFailed, markLive, markRollingOut } from '../platform/release/verdict.ts';
import { faultPoint } from '../service/fault.ts';
import type { Controller } from './controller.ts';
import { commandId, runReleaseCommand } from './release-command.ts';
import { namesOf, readWanted, wantApp, withNames } from './want-app.ts';
import type { ReleaseRow } from './want-app.ts';

/** Brings one app to what its rows say, as far as it can be brought now; `open`: a release still waits for its verdict. Level-triggered: it looks at everything anew each time. */
export async function reconcileApp(controller: Controller, appId: string): Promise<'open' | 'settled'> {
  const { platform, cluster } = controller;
  const app = await platform.db.app.findUnique({ where: { id: appId }, include: withNames });
  if (!app) { await cluster.leave(appId); return 'settled'; }
  if (app.deletedAt) { await removeApp(controller, appId); return 'settled'; }
  const { newest, live, superseded } = await readWanted(platform, appId);
  for (const { id } of superseded) await cluster.forgetCommand({ id: commandId(id), appId });
  if (!newest?.slug) {
    if (newest && newest.status !== 'LIVE') await liveWithoutSlug(controller, newest);
    await step(controller, { ...namesOf(app), release: null, processes: [] }, null);
    return 'settled';
  }
  if (newest.status === 'PENDING') {
    await markRollingOut(platform, controller.lead, newest);
    faultPoint('controller.rollout-started');
  }
  if (newest.status !== 'LIVE' && !await runReleaseCommand(controller, app.name, newest, live)) {
    // Until its command has ended, what was live before goes on (and comes back, after a start of the machine).
    if (live?.slug) await step(controller, await wantApp(platform, app, live), null);
    return 'open';
  }
  return step(controller, await wantApp(platform, app, newest), newest);
}

async function liveWithoutSlug({ platform, lead }: Controller, release: ReleaseRow): Promise<void> {
  await markRollingOut(platform, lead, release);
  await markLive(platform, lead, release);
}

/** One step of the cluster, what it shows of replicas, and the verdict where there is one. */
async function step({ platform, cluster, lead }: Controller, wanted: WantedApp, release: ReleaseRow | null): Promise<'open' | 'settled'> {
  const { rollout, replicas } = await cluster.reconcile(wanted);
  await recordReplicas(platform, lead, wanted.appId, replicas);
  if (!release || release.status === 'LIVE') return 'settled';
  if (rollout.status === 'complete') {
    faultPoint('controller.replicas-up');
    await markLive(platform, lead, release);
    faultPoint('controller.release-live');
  }
  if (rollout.status === 'failed') {
    faultPoint('controller.replicas-failed');
    await markFailed(platform, lead, release, rollout);
    faultPoint('controller.release-failed');
  }
  return rollout.status === 'progressing' ? 'open' : 'settled';
}

async function removeApp({ platform, cluster, lead, clock }: Controller, appId: string): Promise<void> {
  if (await platform.db.build.count({ where: { appId, status: 'RUNNING' } }) > 0) return;
  if (!await cluster.remove(appId)) return;
  clock.assertHeld();
  await deleteLogSegments(platform, appId);
  await deleteBuildCache(platform, appId);
  await platform.db.$transaction(async (tx) => {
    await assertLead(tx, CONTROLLER_LEASE, lead);
    // Releases name configs and slugs that go with the app: rows go in the order of who names whom.
    await tx.replica.deleteMany({ where: { appId } });
    await tx.release.deleteMany({ where: { appId } });
    await tx.build.deleteMany({ where: { appId } });
    await tx.app.delete({ where: { id: appId } });
  });
}
