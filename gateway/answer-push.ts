import { answer, BusError } from '../bus/ask.ts';
import type { Bus } from '../bus/connect.ts';
import { pushAuthorize, pushHeld, pushMoved, pushRequestBuild, pushSource, pushState, pushUnfinished } from '../bus/push.ts';
import type { DeployState } from '../bus/push.ts';
import { isUuid, requireApp } from '../platform/access.ts';
import { gitUrl } from '../platform/app/app.ts';
import { requestBuild } from '../platform/build/build.ts';
import { findActor, findActorByKey } from '../platform/key/key-actor.ts';
import type { Platform } from '../platform/platform.ts';
import { deployState, markMoved, unfinishedPushes } from '../platform/release/deploy-state.ts';
import { refusing } from './refusing.ts';

/** Bytes of a source tarball; the push itself was limited before. */
const MAX_SOURCE_BYTES = 4 * 1024 ** 3;
const SOURCE_URL_SECONDS = 3_600;

/** Answers the git server: who may push where, and what became of it. */
export function answerPush(platform: Platform, bus: Bus, onError: (error: unknown, subject: string) => void): void {
  answer(bus, pushAuthorize, refusing(async ({ keyHash, app, action, address }) => {
    const actor = await findActor(platform, Buffer.from(keyHash, 'hex'), address);
    if (!actor) throw new BusError('UNAUTHENTICATED', 'This API key is not known, has expired, or was revoked.');
    const found = await requireApp(platform.db, actor, app, action);
    return { userId: actor.userId, email: actor.email, apiKeyId: actor.apiKeyId, appId: found.id, appName: found.name, movedTo: app === found.name || isUuid(app) ? null : gitUrl(platform, found) };
  }), onError);
  answer(bus, pushHeld, refusing(async ({ apiKeyId, appId, action }) => {
    const actor = await findActorByKey(platform, apiKeyId);
    if (!actor) throw new BusError('UNAUTHENTICATED', 'The API key was revoked, or has expired.');
    await requireApp(platform.db, actor, appId, action);
    return {};
  }), onError);
  answer(bus, pushSource, async () => ({ putUrl: platform.settings.internalUrl + platform.blobs.signPut('sources', MAX_SOURCE_BYTES, SOURCE_URL_SECONDS) }), onError);
  answer(bus, pushRequestBuild, refusing(async (request) => {
    // A large push takes a while: the key may have been revoked, or the app deleted, since it was shown.
    const actor = await findActorByKey(platform, request.apiKeyId);
    if (actor?.userId !== request.userId) throw new BusError('UNAUTHENTICATED', 'The API key of this push was revoked, or has expired.');
    if (!await platform.blobs.has('sources', request.sourceDigest)) throw new BusError('NOT_FOUND', 'The source tarball is not stored.');
    await requestBuild(platform, actor, request);
    return stateOf(platform, request.buildId);
  }), onError);
  answer(bus, pushState, refusing(({ buildId }) => stateOf(platform, buildId)), onError);
  answer(bus, pushUnfinished, refusing(async () => ({ deploys: await unfinishedPushes(platform) })), onError);
  answer(bus, pushMoved, refusing(async ({ buildId }) => { await markMoved(platform, buildId); return {}; }), onError);
}

async function stateOf(platform: Platform, buildId: string): Promise<DeployState> {
  const state = await deployState(platform, buildId);
  if (!state) throw new BusError('NOT_FOUND', 'There is no such build.');
  return state;
}
