import { visibleDeployKeys } from '../platform/access.ts';
import { createDeployKey } from '../platform/key/api-key.ts';
import { Forbidden, IdempotencyConflict, InvalidInput, NotFound, SecretAlreadyShown } from '../platform/user-error.ts';
import type { ApiKey } from '../prisma/generated/client/client.ts';
import { ApiKeyRef } from './api-key.ts';
import { AppRef } from './app.ts';
import { builder, connectionCost } from './builder.ts';
import { requireActor } from './context.ts';

builder.prismaObjectField(AppRef, 'deployKeys', (t) => t.relatedConnection('apiKeys', {
  cursor: 'id', totalCount: true, complexity: connectionCost, description: 'Keys that may push to it and nothing else, newest first; none to those who may not manage them.',
  query: (_args, ctx) => ({ where: visibleDeployKeys(requireActor(ctx)), orderBy: { id: 'desc' } }),
}, { name: 'DeployKeyConnection' }, { name: 'DeployKeyEdge' }));

const CreateDeployKeyInput = builder.inputType('CreateDeployKeyInput', {
  description: 'The deploy key to make.',
  fields: (t) => ({
    app: t.string({ required: true, description: 'The app it may push to: name or id.' }),
    name: t.string({ required: true, description: 'What to call it: 1 to 100 characters.' }),
    expiresAt: t.field({ type: 'DateTime', description: 'When it ends by itself.' }),
    idempotencyKey: t.string({ description: 'The same key within a day does it once; a repeat answers SecretAlreadyShown.' }),
  }),
});

const CreateDeployKeyPayload = builder.objectRef<{ apiKey: ApiKey; secret: string }>('CreateDeployKeyPayload').implement({
  description: 'The new deploy key.',
  fields: (t) => ({
    apiKey: t.expose('apiKey', { type: ApiKeyRef, description: 'The key.' }),
    secret: t.exposeString('secret', { description: 'What git sends as the password. It is shown only here.' }),
  }),
});

builder.mutationField('createDeployKey', (t) => t.field({
  type: CreateDeployKeyPayload, description: 'Makes a key that may push to one app and nothing else, for as long as you may push there yourself. `revokeApiKey` ends it.',
  args: { input: t.arg({ type: CreateDeployKeyInput, required: true, description: 'What to make.' }) },
  errors: { types: [InvalidInput, Forbidden, NotFound, IdempotencyConflict, SecretAlreadyShown], union: { name: 'CreateDeployKeyResult', description: 'The new key, or why there is none.' } },
  resolve: (_root, { input }, ctx) => createDeployKey(ctx.platform, requireActor(ctx), input),
}));
