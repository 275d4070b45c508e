import { maySeeKeyUse, mayApp, withRights } from '../platform/access.ts';
import * as platform from '../platform/key/api-key.ts';
import type { ApiKey } from '../prisma/generated/client/client.ts';
import type { ApiKeyScope } from '../prisma/generated/client/enums.ts';
import { Forbidden, IdempotencyConflict, InvalidInput, NotFound, SecretAlreadyShown } from '../platform/user-error.ts';
import { AppRef } from './app.ts';
import { builder } from './builder.ts';
import { requireActor } from './context.ts';

export const ApiKeyScopeRef = builder.enumType('ApiKeyScope', {
  description: 'What a key may do.',
  values: {
    READ: { description: 'See apps and what belongs to them, but no config values.' },
    DEPLOY: { description: 'READ, and push, roll back, scale, restart, cancel builds.' },
    CONFIG: { description: 'READ, and read and change config values.' },
    ADMIN: { description: 'Everything, making and deleting apps and keys too.' },
    PUSH: { description: 'Push to one app, and nothing else: what a deploy key has.' },
  } satisfies Record<ApiKeyScope, { description: string }>,
});

export const ApiKeyRef = builder.prismaNode('ApiKey', {
  id: { field: 'id', description: 'The key\'s id.' },
  description: 'A key for API and git. Its secret is shown once, when it is made.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'What people call it.' }),
    prefix: t.exposeString('prefix', { description: 'The first characters of the secret, to tell keys apart.' }),
    scopes: t.expose('scopes', { type: [ApiKeyScopeRef], description: 'What it may do.' }),
    user: t.relation('user', { description: 'Whose key it is: it may no more than they may.' }),
    isForAllApps: t.boolean({ description: 'Whether it is limited to no app.', select: { appId: true }, resolve: ({ appId }) => appId === null }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    lastUsedAt: t.expose('lastUsedAt', { type: 'DateTime', nullable: true, description: 'When it was last used, to the minute.' }),
    lastUsedFrom: t.string({
      nullable: true, description: 'The address it was last used from; null: it is not known, or not for you.',
      select: (_args, ctx) => ({ id: true, userId: true, scopes: true, lastUsedFrom: true, app: { select: { id: true, ownerId: true, ...withRights(requireActor(ctx)) } } }),
      resolve: (key, _args, ctx) => (maySeeKeyUse(requireActor(ctx), key) ? key.lastUsedFrom : null),
    }),
    replacedBy: t.relation('replacedBy', { nullable: true, description: 'The key that it was rotated to; null: it was not.' }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', nullable: true, description: 'When it ends by itself; null: never.' }),
    revokedAt: t.expose('revokedAt', { type: 'DateTime', nullable: true, description: 'When it was revoked; null: it was not.' }),
  }),
});

builder.prismaObjectField(ApiKeyRef, 'app', (t) => t.field({
  type: AppRef, nullable: true, description: 'The one app it is limited to; null: all of its user\'s, or one that you may not see.',
  select: (_args, ctx, nestedSelection) => ({ app: nestedSelection({ include: withRights(requireActor(ctx)) }) }),
  resolve: ({ app }, _args, ctx) => (app && mayApp(requireActor(ctx), app, 'read') ? app : null),
}));

const CreateApiKeyInput = builder.inputType('CreateApiKeyInput', {
  description: 'The key to make.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'What to call it: 1 to 100 characters.' }),
    scopes: t.field({ type: [ApiKeyScopeRef], required: true, description: 'What it may do; at least one.' }),
    app: t.string({ description: 'Limit it to this app (name or id).' }),
    expiresAt: t.field({ type: 'DateTime', description: 'When it ends by itself.' }),
    idempotencyKey: t.string({ description: 'The same key within a day does it once; a repeat answers SecretAlreadyShown.' }),
  }),
});

const CreateApiKeyPayload = builder.objectRef<{ apiKey: ApiKey; secret: string }>('CreateApiKeyPayload').implement({
  description: 'The new key.',
  fields: (t) => ({
    apiKey: t.expose('apiKey', { type: ApiKeyRef, description: 'The key.' }),
    secret: t.exposeString('secret', { description: 'What to send as the key. It is shown only here.' }),
  }),
});

const RevokeApiKeyInput = builder.inputType('RevokeApiKeyInput', {
  description: 'The key to revoke.',
  fields: (t) => ({ apiKey: t.id({ required: true, description: 'The key\'s id.' }) }),
});

const RevokeApiKeyPayload = builder.objectRef<{ apiKey: ApiKey }>('RevokeApiKeyPayload').implement({
  description: 'The revoked key.',
  fields: (t) => ({ apiKey: t.expose('apiKey', { type: ApiKeyRef, description: 'The key as it is now.' }) }),
});

builder.mutationFields((t) => ({
  createApiKey: t.field({
    type: CreateApiKeyPayload, description: 'Makes an API key of yours. It may no more than you may yourself, at any time.',
    args: { input: t.arg({ type: CreateApiKeyInput, required: true, description: 'What to make.' }) },
    errors: { types: [InvalidInput, Forbidden, NotFound, IdempotencyConflict, SecretAlreadyShown], union: { name: 'CreateApiKeyResult', description: 'The new key, or why there is none.' } },
    resolve: (_root, { input }, ctx) => platform.createApiKey(ctx.platform, requireActor(ctx), input),
  }),
  revokeApiKey: t.field({
    type: RevokeApiKeyPayload, description: 'Ends a key of yours, or a deploy key of an app whose deploy keys you manage, at once: requests, pushes and live subscriptions that use it.',
    args: { input: t.arg({ type: RevokeApiKeyInput, required: true, description: 'Which key.' }) },
    errors: { types: [NotFound, Forbidden], union: { name: 'RevokeApiKeyResult', description: 'The revoked key, or why it was not.' } },
    resolve: async (_root, { input }, ctx) => ({ apiKey: await platform.revokeApiKey(ctx.platform, requireActor(ctx), input.apiKey) }),
  }),
}));
