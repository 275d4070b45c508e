import { queryFromInfo } from '@pothos/plugin-prisma';
import { isOwnAccount, visibleApiKeys } from '../platform/access.ts';
import { builder, connectionCost } from './builder.ts';
import { requireActor } from './context.ts';
import type { ApiContext } from './context.ts';

/** What only oneself sees; of others it is null. */
const own = <T>(ctx: ApiContext, userId: string, value: T): T | null => (isOwnAccount(requireActor(ctx), userId) ? value : null);

export const UserRef = builder.prismaNode('User', {
  id: { field: 'id', description: 'The user\'s id.' },
  description: 'A person, or a program that acts as one.',
  fields: (t) => ({
    email: t.exposeString('email', { description: 'The e-mail address they sign in with.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'Since when they exist.' }),
    hasPassword: t.boolean({ nullable: true, description: 'Whether you can log in by browser; null of other people.', select: { id: true, passwordHash: true }, resolve: ({ id, passwordHash }, _args, ctx) => own(ctx, id, passwordHash !== null) }),
    emailConfirmed: t.boolean({ nullable: true, description: 'Whether your address is confirmed; null of other people.', select: { id: true, emailConfirmedAt: true }, resolve: ({ id, emailConfirmedAt }, _args, ctx) => own(ctx, id, emailConfirmedAt !== null) }),
    twoFactorEnabled: t.boolean({ nullable: true, description: 'Whether your log-in takes a code as well; null of other people.', select: { id: true, totpEnabledAt: true }, resolve: ({ id, totpEnabledAt }, _args, ctx) => own(ctx, id, totpEnabledAt !== null) }),
    recoveryCodesLeft: t.int({
      nullable: true, description: 'How many of your recovery codes are still good; null of other people.',
      select: { id: true, _count: { select: { recoveryCodes: { where: { usedAt: null } } } } }, resolve: ({ id, _count }, _args, ctx) => own(ctx, id, _count.recoveryCodes),
    }),
    apiKeys: t.relatedConnection('apiKeys', {
      cursor: 'id', totalCount: true, complexity: connectionCost,
      description: 'Your own API keys, newest first; a key that may not administer sees only itself. Other users\' keys are never among them.',
      query: (_args, ctx) => ({ where: visibleApiKeys(requireActor(ctx)), orderBy: { id: 'desc' } }),
    }, { name: 'ApiKeyConnection' }, { name: 'ApiKeyEdge' }),
  }),
});

builder.queryField('viewer', (t) => t.field({
  type: UserRef, nullable: true, description: 'Who you are; null where no API key was sent, and nobody is logged in.',
  // What is asked of nobody is not looked at: much of it is only for somebody.
  resolve: (_root, _args, ctx, info) => (ctx.actor ? ctx.platform.db.user.findUniqueOrThrow({ ...queryFromInfo({ context: ctx, info, typeName: 'User' }) as object, where: { id: ctx.actor.userId } }) : null),
}));
