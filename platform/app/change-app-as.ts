import type { App } from '../../prisma/generated/client/client.ts';
import { requireApp } from '../access.ts';
import type { Action, Actor, AppWithRights } from '../access.ts';
import { actorNow } from '../actor-now.ts';
import type { Platform, Transaction } from '../platform.ts';
import { changeAppBy } from './change-app.ts';
import type { AppChange, ChangeOptions } from './change-app.ts';

/** Answers what the actor may deal with. Throws NotFound or Forbidden where they may not. */
export type Require<R> = (tx: Transaction, actor: Actor) => Promise<R>;

/** A change of an app by somebody; `actor` is who they are now. */
export type ChangeBy = AppChange & { actor: Actor };

/**
 * A change of an app by somebody who was let to it: who they are and whether they still may is asked again under its row lock, so that whoever
 * has lost a role or a key meanwhile changes nothing. `change` gets what `require` answered. Throws Forbidden, and what `require` throws.
 */
export async function changeAppAs<R, T>(platform: Platform, actor: Actor, appId: string, options: ChangeOptions & { require: Require<R> }, change: (under: ChangeBy, required: R) => Promise<T>): Promise<T> {
  const ask = async (tx: Transaction): Promise<{ actor: Actor; required: R }> => {
    const now = await actorNow(tx, actor);
    return { actor: now, required: await options.require(tx, now) };
  };
  return changeAppBy(platform, appId, options, ask, (under, { actor: now, required }) => change({ ...under, actor: now }, required));
}

export type AppChangeAs = ChangeBy & { app: App & AppWithRights };

/** An app that somebody may do one thing to, and the door to do it. */
export interface OpenApp {
  app: App;
  /** Throws NotFound, Forbidden, VersionConflict. */
  change<T>(options: ChangeOptions, change: (under: AppChangeAs) => Promise<T>): Promise<T>;
}

/**
 * What every change of an app by somebody begins with, before anything else of the input is looked at: who may not do it learns that and nothing more.
 * `path`: where in the input the app is named. Throws NotFound, Forbidden.
 */
export async function openApp(platform: Platform, actor: Actor, nameOrId: string, action: Action, path?: string[]): Promise<OpenApp> {
  const app = await requireApp(platform.db, actor, nameOrId, action, path);
  const require: Require<App & AppWithRights> = (tx, now) => requireApp(tx, now, app.id, action, path);
  return { app, change: (options, change) => changeAppAs(platform, actor, app.id, { ...options, require }, (under, own) => change({ ...under, app: own })) };
}
