import { mayApp, withRights } from '../platform/access.ts';
import type { AppWithRights } from '../platform/access.ts';
import { openEntry } from '../platform/config/config-snapshot.ts';
import { setConfig } from '../platform/config/config.ts';
import { Forbidden, IdempotencyConflict, InvalidInput, NotFound, VersionConflict } from '../platform/user-error.ts';
import type { ConfigEntry, Release } from '../prisma/generated/client/client.ts';
import { builder } from './builder.ts';
import type { ApiContext } from './context.ts';
import { requireActor } from './context.ts';
import { DIGEST, ReleaseRef } from './release.ts';

interface EntryOfApp { app: AppWithRights; entry: ConfigEntry }
interface ConfigOfApp { app: AppWithRights; entries: ConfigEntry[] }

/** The value, for those who may read it; null for others, and for sealed ones. */
function valueOf({ app, entry }: EntryOfApp, ctx: ApiContext): Uint8Array | null {
  return entry.sealed || !mayApp(requireActor(ctx), app, 'readConfig') ? null : openEntry(ctx.platform, app.id, entry);
}

function textOf(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

const ConfigEntryRef = builder.objectRef<EntryOfApp>('ConfigEntry').implement({
  description: 'A key and its value.',
  fields: (t) => ({
    key: t.string({ description: 'The key: the name of an environment variable.', resolve: ({ entry }) => entry.key }),
    value: t.string({ nullable: true, description: 'The value; null where it is sealed, is no UTF-8, or you may not read it.', resolve: (own, _args, ctx) => { const bytes = valueOf(own, ctx); return bytes && textOf(bytes); } }),
    valueBase64: t.string({
      nullable: true, description: 'The value\'s bytes in base64, whatever they are; null where it is sealed or you may not read it.',
      resolve: (own, _args, ctx) => { const bytes = valueOf(own, ctx); return bytes && Buffer.from(bytes).toString('base64'); },
    }),
    sealed: t.boolean({ description: 'Write-only: nobody reads its value through the API.', resolve: ({ entry }) => entry.sealed }),
    digest: t.string({ nullable: true, description: DIGEST, resolve: ({ app, entry }, _args, ctx) => (mayApp(requireActor(ctx), app, 'readConfig') ? entry.digest : null) }),
    setAt: t.field({ type: 'DateTime', description: 'When it was set.', resolve: ({ entry }) => entry.setAt }),
    setBy: t.prismaField({
      type: 'User', nullable: true, description: 'Who set it; null where the user is gone.',
      resolve: (query, { entry }, _args, { platform }) => platform.db.user.findUnique({ ...query, where: { id: entry.setById } }),
    }),
  }),
});

export const ConfigRef = builder.objectRef<ConfigOfApp>('Config').implement({
  description: 'Keys and values that an app gets as environment variables.',
  fields: (t) => ({
    entries: t.field({ type: [ConfigEntryRef], description: 'All of them, by key.', resolve: ({ app, entries }) => entries.map((entry) => ({ app, entry })) }),
  }),
});

export const snapshot = { entries: { orderBy: { key: 'asc' } } } as const;

builder.prismaObjectField('App', 'config', (t) => t.field({
  type: ConfigRef, description: 'The newest config: what the next release starts with.',
  select: (_args, ctx) => ({ ...withRights(requireActor(ctx)), releases: { orderBy: { version: 'desc' }, take: 1, select: { config: { include: snapshot } } } }),
  resolve: (app) => ({ app, entries: app.releases[0]?.config.entries ?? [] }),
}));

const ConfigVarInput = builder.inputType('ConfigVarInput', {
  description: 'A key to set. Give its value as text, or the same in base64.',
  fields: (t) => ({
    key: t.string({ required: true, description: 'Letters, digits and _, not starting with a digit.' }),
    value: t.string({ description: 'The value as text.' }),
    valueBase64: t.string({ description: 'The value in base64: UTF-8 without a zero byte.' }),
    sealed: t.boolean({ description: 'Nobody can read it through the API again; as it is, if not said. False unseals a key, with the value given here.' }),
  }),
});

const SetConfigInput = builder.inputType('SetConfigInput', {
  description: 'What to change. All of it makes one release.',
  fields: (t) => ({
    app: t.string({ required: true, description: 'The app\'s name or id.' }),
    set: t.field({ type: [ConfigVarInput], description: 'Keys to set.' }),
    unset: t.stringList({ description: 'Keys to take away.' }),
    restart: t.boolean({ defaultValue: true, description: 'False: replicas get the change when they next start.' }),
    expectedVersion: t.int({ description: 'The app\'s `version` that you decided on; another one is a VersionConflict.' }),
    idempotencyKey: t.string({ description: 'The same key within a day does it once, and answers the same release.' }),
  }),
});

/** The answer of what changes config. */
export const configChangePayload = (name: string) => builder.objectRef<{ release: Release }>(name).implement({
  description: 'The release that the change made; follow it by `deployEvents`. Where nothing changes (equal values that are not sealed), none is made, and this is the newest.',
  fields: (t) => ({
    release: t.expose('release', { type: ReleaseRef, description: 'The new release, or the newest where nothing changed.' }),
    config: t.field({
      type: ConfigRef, description: 'The config of that release.',
      resolve: async ({ release }, _args, ctx) => {
        const { app, config } = await ctx.platform.db.release.findUniqueOrThrow({ where: { id: release.id }, select: { app: { include: withRights(requireActor(ctx)) }, config: { include: snapshot } } });
        return { app, entries: config.entries };
      },
    }),
  }),
});

builder.mutationField('setConfig', (t) => t.field({
  type: configChangePayload('SetConfigPayload'), description: 'Sets and unsets config keys: one snapshot and one release for all of them.',
  args: { input: t.arg({ type: SetConfigInput, required: true, description: 'What to change.' }) },
  errors: { types: [NotFound, Forbidden, InvalidInput, VersionConflict, IdempotencyConflict], union: { name: 'SetConfigResult', description: 'The new release and config, or why there is none.' } },
  resolve: async (_root, { input }, ctx) => ({ release: await setConfig(ctx.platform, requireActor(ctx), { ...input, set: input.set ?? [], unset: input.unset ?? [], restart: input.restart ?? true }) }),
}));
