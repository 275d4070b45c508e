import type { App } from '../prisma/generated/client/client.ts';
import { requireApp } from './access.ts';
import type { Action, Actor, AppWithRights } from './access.ts';
import { changeApp } from './change-app.ts';
import type { AppChange } from './change-app.ts';
import type { Platform } from './platform.ts';

export type AppChangeAs = AppChange & { app: App & AppWithRights };

/**
 * A change of who may what with an app: the actor's own rights are looked at again under its row lock, so whoever lost them meanwhile changes nothing.
 * It is no new version of the app. Throws NotFound, Forbidden.
 */
export async function changeAppAs<T>(platform: Platform, actor: Actor, nameOrId: string, action: Action, change: (under: AppChangeAs) => Promise<T>): Promise<T> {
  const { id } = await requireApp(platform.db, actor, nameOrId, action);
  return changeApp(platform, id, { actor, bump: false }, async (under) => change({ ...under, app: await requireApp(under.tx, actor, id, action) }));
}
