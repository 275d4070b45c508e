import type { AppWithRights } from '../platform/access.ts';
import { mayApp, withRights } from '../platform/access.ts';
import { readConfigHistory } from '../platform/config/config-history.ts';
import type { ConfigHistoryPage, ConfigKeyChange } from '../platform/config/config-history.ts';
import { createBatch } from './batch.ts';
import { badInput, builder, connectionCost } from './builder.ts';
import { requireActor } from './context.ts';
import { ReleaseRef } from './release.ts';

type Change = ConfigKeyChange & { app: AppWithRights };

const ConfigChangeRef = builder.objectRef<Change>('ConfigKeyChange').implement({
  description: 'A release with which a config key got another value, or went.',
  fields: (t) => ({
    release: t.prismaField({
      type: ReleaseRef, description: 'The release.',
      resolve: (query, { releaseId }, _args, { platform }) => platform.db.release.findUniqueOrThrow({ ...query, where: { id: releaseId } }),
    }),
    set: t.boolean({ description: 'Whether the app has the key since then; false: it was taken away.', resolve: ({ digest }) => digest !== null }),
    sealed: t.exposeBoolean('sealed', { description: 'Whether it was sealed with it.' }),
    digest: t.string({
      nullable: true, description: 'The digest of the value, as ConfigEntry has it; null where there is none, or you may not read config.',
      resolve: ({ digest, app }, _args, ctx) => (mayApp(requireActor(ctx), app, 'readConfig') ? digest : null),
    }),
    setAt: t.field({ type: 'DateTime', description: 'When the value was set; it may be before the release, which can have gone back to it.', resolve: ({ setAt }) => setAt }),
    setBy: t.prismaField({
      type: 'User', nullable: true, description: 'Who set the value, or took it away; null: the platform, or a user who is gone.',
      resolve: (query, { setById }, _args, { platform }) => (setById === null ? null : platform.db.user.findUnique({ ...query, where: { id: setById } })),
    }),
  }),
});

const readPage = createBatch<ConfigHistoryPage, ConfigKeyChange[]>(({ platform }, pages) => readConfigHistory(platform, pages));

const encode = (version: number): string => Buffer.from(`v${version}`).toString('base64url');

function decode(cursor: string | null | undefined): number | null {
  if (cursor == null) return null;
  const match = /^v(\d{1,9})$/.exec(Buffer.from(cursor, 'base64url').toString());
  if (!match) throw badInput('This is no cursor of a config history: send back one that you were given.');
  return Number(match[1]);
}

builder.prismaObjectField('App', 'configHistory', (t) => t.connection({
  type: ConfigChangeRef, complexity: connectionCost,
  description: 'What happened to one config key over the ledger, newest first, without its values. Empty where no release ever had the key.',
  args: { key: t.arg.string({ required: true, description: 'The config key.' }) },
  select: (_args, ctx) => withRights(requireActor(ctx)),
  resolve: async (app, { key, first, after, last, before }, ctx) => {
    if (last != null || before != null) throw badInput('A config history is read from its newest change on: use first and after.');
    const size = first ?? 20;
    if (size < 0 || size > 100) throw badInput('A page has 0 to 100 nodes.');
    const rows = await readPage(ctx, { appId: app.id, key, before: decode(after), take: size + 1 });
    const edges = rows.slice(0, size).map((row) => ({ cursor: encode(row.version), node: { ...row, app } }));
    return { edges, pageInfo: { hasNextPage: rows.length > size, hasPreviousPage: false, startCursor: edges[0]?.cursor ?? null, endCursor: edges.at(-1)?.cursor ?? null } };
  },
}, { name: 'ConfigKeyChangeConnection' }, { name: 'ConfigKeyChangeEdge' }));
