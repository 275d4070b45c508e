import type { App, ConfigEntry, Release } from '../../prisma/generated/client/client.ts';
import { requireApp } from '../access.ts';
import type { Actor } from '../access.ts';
import { openApp } from '../app/change-app-as.ts';
import { entriesOf, sealAgain, storeSnapshot } from '../config/config-snapshot.ts';
import { changeAppOnce } from '../idempotency.ts';
import type { Platform, Transaction } from '../platform.ts';
import { CannotRollBack, InvalidInput, UserError } from '../user-error.ts';
import { baseOf, configOrEmpty, createRelease, whyNoRollBack } from './release.ts';

export type RollBackScope = 'BOTH' | 'CODE' | 'CONFIG';

/** What to go back to. */
export interface RollBackTarget {
  app: string;
  /** Null: the release that was live before the one that runs, or is being rolled out. */
  to?: number | null | undefined;
  scope?: RollBackScope | null | undefined;
  /** Config keys that stay as they are now. */
  keepKeys?: readonly string[] | null | undefined;
}

export interface RollBackInput extends RollBackTarget {
  expectedVersion?: number | null | undefined;
  idempotencyKey?: string | null | undefined;
}

/** What a rollback does, before anything is done. */
export interface RollBackPlan {
  target: Release;
  slugId: string | null;
  /** All config that the new release has, by key. */
  entries: readonly ConfigEntry[];
  /** The snapshot that is just that; null: one has to be made. */
  configId: string | null;
  /** A snapshot with the same values, sealed otherwise. */
  sameValuesAs?: string;
  /** Keys that stay as they are now, where going back would change them. */
  keptKeys: string[];
  description: string;
}

type Reader = Transaction | Platform['db'];

/** A new release of an old pair: its code, its config, or both. What was sealed since stays sealed. Throws CannotRollBack with why, InvalidInput, NotFound, Forbidden, VersionConflict. */
export async function rollBack(platform: Platform, actor: Actor, input: RollBackInput): Promise<Release> {
  const opened = await openApp(platform, actor, input.app, 'deploy');
  const { expectedVersion, idempotencyKey, to = null, scope = 'BOTH', keepKeys = [] } = input;
  const releaseId = await changeAppOnce(opened, { expectedVersion, idempotencyKey, mutation: 'rollBack', input: { to, scope, keepKeys } }, async (change) => {
    const { tx, app } = change;
    const plan = await planRollBack(platform, tx, app, input);
    const configId = plan.configId ?? (plan.entries.length === 0 ? await configOrEmpty(tx, app.id, null) : await storeSnapshot(change, plan.entries, plan.sameValuesAs));
    const { slugId, target, description } = plan;
    return (await createRelease(change, { reason: 'ROLLBACK', slugId, configId, rolledBackTo: target.version, createdById: actor.userId, description })).id;
  });
  return platform.db.release.findUniqueOrThrow({ where: { id: releaseId } });
}

export type RollBackPreview = { appId: string } & ({ plan: RollBackPlan; refused: null } | { plan: null; refused: UserError });

/** What rollBack would do now, and do nothing: its plan, or the error it would give. Throws NotFound. */
export async function previewRollBack(platform: Platform, actor: Actor, input: RollBackTarget): Promise<RollBackPreview> {
  const { id: appId } = await requireApp(platform.db, actor, input.app, 'read');
  try {
    const app = await requireApp(platform.db, actor, appId, 'deploy');
    return { appId, plan: await planRollBack(platform, platform.db, app, input), refused: null };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { appId, plan: null, refused: error };
  }
}

async function planRollBack(platform: Pick<Platform, 'box'>, tx: Reader, app: App, { to, scope, keepKeys }: RollBackTarget): Promise<RollBackPlan> {
  const target = await findTarget(tx, app, to ?? null);
  const why = scope === 'CONFIG' ? null : whyNoRollBack(target, app);
  if (why !== null) throw new CannotRollBack(why);
  const base = await baseOf(tx, app.id);
  const what = { BOTH: '', CODE: ' (code)', CONFIG: ' (config)' }[scope ?? 'BOTH'];
  const plan = { target, slugId: scope === 'CONFIG' ? base.slugId : target.slugId, description: `Roll back to v${target.version}${what}` };
  const now = await entriesOf(tx, base.configId);
  if (scope === 'CODE') return { ...plan, entries: [...now.values()], configId: base.configId, keptKeys: [] };
  return { ...plan, ...await planConfig(platform, tx, app, { target, now, keepKeys: keepKeys ?? [] }) };
}

async function planConfig(platform: Pick<Platform, 'box'>, tx: Reader, app: App, { target, now, keepKeys }: {
  target: Release; now: ReadonlyMap<string, ConfigEntry>; keepKeys: readonly string[];
}): Promise<Pick<RollBackPlan, 'entries' | 'configId' | 'sameValuesAs' | 'keptKeys'>> {
  const old = await entriesOf(tx, target.configId);
  const unknown = keepKeys.filter((key) => !old.has(key) && !now.has(key));
  if (unknown.length > 0) throw new InvalidInput(`There is no config key ${unknown.join(', ')}.`, { path: ['input', 'keepKeys'] });
  const sealed = await sealAgain(platform, tx, app, { entries: old, since: target.version });
  const keptKeys = [...new Set(keepKeys)].filter((key) => sealed.entries.get(key)?.digest !== now.get(key)?.digest).sort();
  if (keptKeys.length === 0) return { entries: [...sealed.entries.values()], configId: sealed.changed ? null : target.configId, ...(sealed.changed ? { sameValuesAs: target.configId } : {}), keptKeys };
  // Absent now: absent then.
  const merged = new Map(sealed.entries);
  for (const key of keptKeys) { const entry = now.get(key); if (entry) merged.set(key, entry); else merged.delete(key); }
  return { entries: [...merged.values()].sort((a, b) => (a.key < b.key ? -1 : 1)), configId: null, keptKeys };
}

async function findTarget(tx: Reader, app: App, to: number | null): Promise<Release> {
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
