import type { Release } from '../prisma/generated/client/client.ts';
import { requireApp } from './access.ts';
import type { Actor } from './access.ts';
import type { AppChange } from './change-app.ts';
import { storeSnapshot } from './config.ts';
import { changeAppOnce } from './idempotency.ts';
import type { Platform } from './platform.ts';
import { baseOf, configOrEmpty, createRelease, whyNoRollBack } from './release.ts';
import { CannotRollBack, InvalidInput } from './user-error.ts';

export type RollBackScope = 'BOTH' | 'CODE' | 'CONFIG';

export interface RollBackInput {
  app: string;
  /** Null: the release that was live before the one that runs, or is being rolled out. */
  to?: number | null | undefined;
  scope?: RollBackScope | null | undefined;
  /** Config keys that stay as they are now. */
  keepKeys?: readonly string[] | null | undefined;
  expectedVersion?: number | null | undefined;
  idempotencyKey?: string | null | undefined;
}

/** A new release of an old pair: its code, its config, or both. Throws CannotRollBack with why, InvalidInput, NotFound, Forbidden, VersionConflict. */
export async function rollBack(platform: Platform, actor: Actor, input: RollBackInput): Promise<Release> {
  const { id } = await requireApp(platform.db, actor, input.app, 'deploy');
  const { expectedVersion, idempotencyKey, to = null, scope = 'BOTH', keepKeys = [] } = input;
  const releaseId = await changeAppOnce(platform, id, { actor, expectedVersion, idempotencyKey, mutation: 'rollBack', input: { to, scope, keepKeys } }, (change) => rollBackTo(change, actor, input));
  return platform.db.release.findUniqueOrThrow({ where: { id: releaseId } });
}

async function rollBackTo(change: AppChange, actor: Actor, { to, scope, keepKeys }: RollBackInput): Promise<string> {
  const { tx, app } = change;
  const target = await findTarget(change, to ?? null);
  const why = scope === 'CONFIG' ? null : whyNoRollBack(target, app);
  if (why !== null) throw new CannotRollBack(why);
  const base = await baseOf(tx, app.id);
  const slugId = scope === 'CONFIG' ? base.slugId : target.slugId;
  const oldConfig = scope === 'CODE' ? await configOrEmpty(tx, app.id, base.configId) : target.configId;
  const configId = scope === 'CODE' || !keepKeys?.length ? oldConfig : await mergeConfig(change, oldConfig, base.configId, keepKeys);
  const what = { BOTH: '', CODE: ' (code)', CONFIG: ' (config)' }[scope ?? 'BOTH'];
  const release = await createRelease(change, { reason: 'ROLLBACK', slugId, configId, rolledBackTo: target.version, createdById: actor.userId, description: `Roll back to v${target.version}${what}` });
  return release.id;
}

async function findTarget({ tx, app }: AppChange, to: number | null): Promise<Release> {
  if (to !== null) {
    const target = await tx.release.findUnique({ where: { appId_version: { appId: app.id, version: to } } });
    if (!target) throw new CannotRollBack(`There is no release v${to}.`);
    return target;
  }
  const current = await tx.release.findFirst({ where: { appId: app.id, status: { notIn: ['FAILED', 'SUPERSEDED'] } }, orderBy: { version: 'desc' } });
  const previous = current && await tx.release.findFirst({ where: { appId: app.id, status: 'LIVE', version: { lt: current.version }, slugId: { not: null }, NOT: { slugId: current.slugId, configId: current.configId } }, orderBy: { version: 'desc' } });
  if (!previous) throw new CannotRollBack('There is no earlier release that was live and differs from the one that runs.', 'NOTHING_TO_ROLL_BACK');
  return previous;
}

/** The old snapshot, but for some keys as they are now (absent now: absent then). */
async function mergeConfig(change: AppChange, oldId: string, nowId: string | null, keepKeys: readonly string[]): Promise<string> {
  const [old, now] = await Promise.all([oldId, nowId ?? oldId].map((configId) => change.tx.configEntry.findMany({ where: { configId } })));
  const keep = new Set(keepKeys);
  const known = new Set([...(old ?? []), ...(now ?? [])].map(({ key }) => key));
  const unknown = keepKeys.filter((key) => !known.has(key));
  if (unknown.length > 0) throw new InvalidInput(`There is no config key ${unknown.join(', ')}.`, { path: ['input', 'keepKeys'] });
  const entries = [...(old ?? []).filter(({ key }) => !keep.has(key)), ...(now ?? []).filter(({ key }) => keep.has(key))];
  return storeSnapshot(change, entries);
}
