import { mayAccount } from '../platform/access.ts';
import { readRotation, rotateEncryptionKey } from '../platform/encryption/key-rotation.ts';
import type { RotationState } from '../platform/encryption/key-rotation.ts';
import { Forbidden, InvalidInput } from '../platform/user-error.ts';
import { builder } from './builder.ts';
import { requireActor } from './context.ts';

const KeyRotationRef = builder.objectRef<RotationState>('KeyRotation').implement({
  description: 'How far the platform is with the newest encryption key. Key ids tell nothing of keys.',
  fields: (t) => ({
    keyId: t.string({ description: 'The key\'s id.', resolve: ({ rotation }) => rotation.keyId }),
    startedAt: t.field({ type: 'DateTime', description: 'When the rotation to it began, or the platform with it.', resolve: ({ rotation }) => rotation.startedAt }),
    activatedAt: t.field({ type: 'DateTime', nullable: true, description: 'When it came into use; null: not all processes have it yet.', resolve: ({ rotation }) => rotation.activatedAt }),
    entriesLeft: t.int({ description: 'How many sealed values are under another key.', resolve: ({ entriesLeft }) => entriesLeft }),
    waitsFor: t.stringList({ description: 'Processes that do not have the key, or do not use it yet: `gateway`, `controller`, `blobs`.', resolve: ({ waitsFor }) => waitsFor }),
    done: t.boolean({ description: 'Whether nothing is under another key any more.', resolve: ({ done }) => done }),
    oldKeysEndAt: t.field({ type: 'DateTime', nullable: true, description: 'From when on older keys can be taken out of the key file: until then signed addresses may be under way; null while values are under them.', resolve: ({ oldKeysEndAt }) => oldKeysEndAt }),
  }),
});

builder.queryField('keyRotation', (t) => t.field({
  type: KeyRotationRef, nullable: true, description: 'The encryption key and how far its rotation is, for administrators; null for others.',
  resolve: (_root, _args, ctx) => (mayAccount(requireActor(ctx), 'managePlatform') ? readRotation(ctx.platform, requireActor(ctx)) : null),
}));

const RotateEncryptionKeyInput = builder.inputType('RotateEncryptionKeyInput', {
  description: 'The key to rotate to.',
  fields: (t) => ({ keyId: t.string({ description: 'Its id, to be sure that the gateway sees it; the newest of the key file, if not said.' }) }),
});

const RotateEncryptionKeyPayload = builder.objectRef<{ rotation: RotationState | null }>('RotateEncryptionKeyPayload').implement({
  description: 'The rotation. Asked for again while it is under way, it is the same one.',
  fields: (t) => ({ keyRotation: t.field({ type: KeyRotationRef, nullable: true, description: 'Where it is.', resolve: ({ rotation }) => rotation }) }),
});

builder.mutationField('rotateEncryptionKey', (t) => t.field({
  type: RotateEncryptionKeyPayload, description: 'Begins to put all that is sealed under the newest key of the key file, while the platform runs. For administrators.',
  args: { input: t.arg({ type: RotateEncryptionKeyInput, required: true, description: 'Which key.' }) },
  errors: { types: [Forbidden, InvalidInput], union: { name: 'RotateEncryptionKeyResult', description: 'The rotation, or why there is none.' } },
  resolve: async (_root, { input }, ctx) => {
    await rotateEncryptionKey(ctx.platform, requireActor(ctx), input.keyId);
    return { rotation: await readRotation(ctx.platform, requireActor(ctx)) };
  },
}));
