import { queryFromInfo } from '@pothos/plugin-prisma';
import type { GraphQLResolveInfo } from 'graphql';
import { isUuid, visibleApiKeys, visibleApps, visibleDeployKeys, visibleInvitations, visibleOwn, visiblePermissions, visibleTransfers } from '../platform/access.ts';
import { builder } from './builder.ts';
import { requireActor } from './context.ts';
import type { ApiContext } from './context.ts';

type Kind = 'App' | 'Build' | 'Release' | 'Slug' | 'Replica' | 'ApiKey' | 'Session' | 'User' | 'SshKey' | 'Permission' | 'Invitation' | 'Transfer';

/** Which table has this id; ids are UUIDs, so one at most does. */
async function kindOf({ platform }: ApiContext, id: string): Promise<Kind | null> {
  const [found] = await platform.db.$queryRaw<{ kind: Kind }[]>`
    SELECT 'App' AS kind FROM "App" WHERE id = ${id}::uuid UNION ALL SELECT 'Build' FROM "Build" WHERE id = ${id}::uuid
    UNION ALL SELECT 'Release' FROM "Release" WHERE id = ${id}::uuid UNION ALL SELECT 'Slug' FROM "Slug" WHERE id = ${id}::uuid
    UNION ALL SELECT 'Replica' FROM "Replica" WHERE id = ${id}::uuid UNION ALL SELECT 'ApiKey' FROM "ApiKey" WHERE id = ${id}::uuid
    UNION ALL SELECT 'Session' FROM "Session" WHERE id = ${id}::uuid
    UNION ALL SELECT 'User' FROM "User" WHERE id = ${id}::uuid UNION ALL SELECT 'SshKey' FROM "SshKey" WHERE id = ${id}::uuid
    UNION ALL SELECT 'Permission' FROM "Permission" WHERE id = ${id}::uuid UNION ALL SELECT 'Invitation' FROM "Invitation" WHERE id = ${id}::uuid
    UNION ALL SELECT 'Transfer' FROM "Transfer" WHERE id = ${id}::uuid`;
  return found?.kind ?? null;
}

/** The row, where the actor may see it: what belongs to an app through the app, of users only oneself. */
function findVisible(kind: Kind, id: string, ctx: ApiContext, info: GraphQLResolveInfo): Promise<object | null> {
  const actor = requireActor(ctx);
  const { db } = ctx.platform;
  const app = visibleApps(actor);
  const query = queryFromInfo({ context: ctx, info, typeName: kind }) as object;
  switch (kind) {
    case 'App': return db.app.findFirst({ ...query, where: { AND: [app, { id }] } });
    case 'Build': return db.build.findFirst({ ...query, where: { id, app } });
    case 'Release': return db.release.findFirst({ ...query, where: { id, app } });
    case 'Slug': return db.slug.findFirst({ ...query, where: { id, app } });
    case 'Replica': return db.replica.findFirst({ ...query, where: { id, app } });
    case 'ApiKey': return db.apiKey.findFirst({ ...query, where: { AND: [{ OR: [visibleApiKeys(actor), visibleDeployKeys(actor)] }, { id }] } });
    case 'Session': return db.session.findFirst({ ...query, where: { AND: [visibleOwn(actor), { id }] } });
    case 'User': return db.user.findFirst({ ...query, where: { AND: [{ id }, { id: actor.userId }] } });
    case 'SshKey': return db.sshKey.findFirst({ ...query, where: { AND: [visibleOwn(actor), { id }] } });
    case 'Permission': return db.permission.findFirst({ ...query, where: { AND: [visiblePermissions(actor), { id }] } });
    case 'Invitation': return db.invitation.findFirst({ ...query, where: { AND: [visibleInvitations(actor), { id }] } });
    case 'Transfer': return db.transfer.findFirst({ ...query, where: { AND: [visibleTransfers(actor), { id }] } });
  }
}

builder.queryField('node', (t) => t.field({
  type: builder.nodeInterfaceRef(), nullable: true, description: 'Whatever has this id; null: it does not exist, or not for you.',
  args: { id: t.arg.id({ required: true, description: 'The id.' }) },
  resolve: async (_root, { id }, ctx, info) => {
    requireActor(ctx);
    const kind = isUuid(id) ? await kindOf(ctx, id) : null;
    const row = kind && await findVisible(kind, id, ctx, info);
    return row && { ...row, __typename: kind };
  },
}));
