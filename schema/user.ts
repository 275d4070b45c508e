import { visibleApiKeys } from '../platform/access.ts';
import { builder, connectionCost } from './builder.ts';
import { requireActor } from './context.ts';

export const UserRef = builder.prismaNode('User', {
  id: { field: 'id', description: 'The user\'s id.' },
  description: 'A person, or a program that acts as one.',
  fields: (t) => ({
    email: t.exposeString('email', { description: 'The e-mail address they sign in with.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'Since when they exist.' }),
    apiKeys: t.relatedConnection('apiKeys', {
      cursor: 'id', totalCount: true, complexity: connectionCost,
      description: 'Your own API keys, newest first; a key that may not administer sees only itself. Other users\' keys are never among them.',
      query: (_args, ctx) => ({ where: visibleApiKeys(requireActor(ctx)), orderBy: { id: 'desc' } }),
    }, { name: 'ApiKeyConnection' }, { name: 'ApiKeyEdge' }),
  }),
});

builder.queryField('viewer', (t) => t.prismaField({
  type: UserRef, nullable: true, description: 'Who you are; null where no API key was sent.',
  resolve: (query, _root, _args, { platform, actor }) => (actor ? platform.db.user.findUniqueOrThrow({ ...query, where: { id: actor.userId } }) : null),
}));
