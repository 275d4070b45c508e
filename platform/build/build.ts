import { notify } from '../../bus/ask.ts';
import { buildCanceled, buildQueued } from '../../bus/build.ts';
import { enqueue } from '../../bus/work.ts';
import type { Build } from '../../prisma/generated/client/client.ts';
import { faultPoint } from '../../service/fault.ts';
import { isUuid, visibleApps } from '../access.ts';
import type { Actor } from '../access.ts';
import { openApp } from '../app/change-app-as.ts';
import type { Platform } from '../platform.ts';
import { storedText } from '../stored-text.ts';
import { BuildEnded, NotFound } from '../user-error.ts';

export interface BuildRequest {
  buildId: string; appId: string; commit: string; branch: string; message: string; sourceDigest: string; clean: boolean;
}

/** Queues a build; the app's queued ones are superseded by it. The id is the caller's: asking twice makes one build. Throws NotFound, Forbidden. */
export async function requestBuild(platform: Platform, actor: Actor, request: BuildRequest): Promise<Build> {
  const { change } = await openApp(platform, actor, request.appId, 'push');
  const build = await change({}, async ({ tx, app, event, nextBuild }) => {
    const known = await tx.build.findUnique({ where: { id: request.buildId } });
    if (known && known.appId !== app.id) throw new NotFound('build', request.buildId);
    if (known) return known;
    const queued = await tx.build.findMany({ where: { appId: app.id, status: 'QUEUED' }, orderBy: { number: 'asc' } });
    await tx.build.updateMany({ where: { id: { in: queued.map(({ id }) => id) } }, data: { status: 'SUPERSEDED', endedAt: new Date() } });
    for (const old of queued) event('BuildSuperseded', { buildId: old.id, number: old.number, by: request.commit }, old.id);
    const created = await tx.build.create({
      data: {
        id: request.buildId, appId: app.id, number: nextBuild(), commit: request.commit, branch: storedText(request.branch), message: storedText(request.message.slice(0, 500)),
        sourceDigest: request.sourceDigest, clean: request.clean, requestedById: actor.userId,
      },
    });
    event('BuildQueued', { buildId: created.id, number: created.number, commit: created.commit }, created.id);
    return created;
  });
  faultPoint('gateway.build-queued');
  // A message that is lost here is sent again by the sweep: the row says that the build is queued.
  if (build.status === 'QUEUED') await enqueue(platform.bus, buildQueued, { buildId: build.id, appId: build.appId }).catch((error: unknown) => { platform.log.warn({ error }, 'a queued build could not be announced; the sweep will'); });
  return build;
}

/** Cancels a build: a queued one at once, a running one as soon as its builder hears; from then on it can only end as CANCELED. Throws NotFound, Forbidden, BuildEnded. */
export async function cancelBuild(platform: Platform, actor: Actor, buildId: string): Promise<Build> {
  const path = ['input', 'build'];
  const found = isUuid(buildId) ? await platform.db.build.findFirst({ where: { id: buildId, app: visibleApps(actor) }, select: { appId: true } }) : null;
  if (!found) throw new NotFound('build', buildId, { path });
  const { change } = await openApp(platform, actor, found.appId, 'deploy', path);
  await change({}, async ({ tx, event }) => {
    const build = await tx.build.findUniqueOrThrow({ where: { id: buildId } });
    const who = { buildId, number: build.number };
    if (build.status === 'QUEUED') {
      await tx.build.update({ where: { id: buildId }, data: { status: 'CANCELED', endedAt: new Date() } });
      event('BuildCanceled', who, buildId);
    } else if (build.status !== 'RUNNING') {
      throw new BuildEnded(buildId, build.status);
    } else if (!build.cancelRequestedAt) {
      await tx.build.update({ where: { id: buildId }, data: { cancelRequestedAt: new Date() } });
      event('BuildCancelRequested', who, buildId);
    }
  });
  notify(platform.bus, buildCanceled, { buildId });
  return platform.db.build.findUniqueOrThrow({ where: { id: buildId } });
}
