import { rotateApiKey } from '../platform/key/rotate-api-key.ts';
import { Forbidden, IdempotencyConflict, InvalidInput, NotFound, SecretAlreadyShown } from '../platform/user-error.ts';
import type { ApiKey } from '../prisma/generated/client/client.ts';
import { ApiKeyRef } from './api-key.ts';
import { builder } from './builder.ts';
import { requireActor } from './context.ts';

const RotateApiKeyInput = builder.inputType('RotateApiKeyInput', {
  description: 'The key to replace.',
  fields: (t) => ({
    apiKey: t.id({ required: true, description: 'The key\'s id; one of yours that is in use.' }),
    overlapSeconds: t.int({ defaultValue: 86_400, description: 'How long the old key goes on being good: up to 7 days, a day if not said.' }),
    idempotencyKey: t.string({ description: 'The same key within a day does it once; a repeat answers SecretAlreadyShown.' }),
  }),
});

const RotateApiKeyPayload = builder.objectRef<{ apiKey: ApiKey; replaced: ApiKey; secret: string }>('RotateApiKeyPayload').implement({
  description: 'The key that takes the old one\'s place.',
  fields: (t) => ({
    apiKey: t.expose('apiKey', { type: ApiKeyRef, description: 'The new key: with the name, scopes, app and expiry of the old one.' }),
    replaced: t.expose('replaced', { type: ApiKeyRef, description: 'The old key; its expiry is the end of the overlap.' }),
    secret: t.exposeString('secret', { description: 'What to send as the key. It is shown only here.' }),
  }),
});

builder.mutationField('rotateApiKey', (t) => t.field({
  type: RotateApiKeyPayload, description: 'Replaces an API key of yours by one that may the same; for a while both are good.',
  args: { input: t.arg({ type: RotateApiKeyInput, required: true, description: 'Which.' }) },
  errors: { types: [InvalidInput, Forbidden, NotFound, IdempotencyConflict, SecretAlreadyShown], union: { name: 'RotateApiKeyResult', description: 'The new key, or why there is none.' } },
  resolve: (_root, { input }, ctx) => rotateApiKey(ctx.platform, requireActor(ctx), input),
}));
