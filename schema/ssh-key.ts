import { visibleOwn } from '../platform/access.ts';
import { addSshKey, removeSshKey } from '../platform/key/ssh-key.ts';
import { Forbidden, IdempotencyConflict, InvalidInput, NotFound } from '../platform/user-error.ts';
import type { SshKey } from '../prisma/generated/client/client.ts';
import { builder, connectionCost } from './builder.ts';
import { requireActor } from './context.ts';
import { UserRef } from './user.ts';

export const SshKeyRef = builder.prismaNode('SshKey', {
  id: { field: 'id', description: 'The key\'s id.' },
  description: 'An SSH key of a user.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'What they call it.' }),
    type: t.exposeString('type', { description: 'As the key\'s line begins: `ssh-ed25519`.' }),
    bits: t.exposeInt('bits', { description: 'How long it is, as ssh-keygen counts.' }),
    fingerprint: t.exposeString('fingerprint', { description: 'As `ssh-keygen -lf` prints it: `SHA256:…`.' }),
    publicKey: t.exposeString('publicKey', { description: 'The key, without its comment.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was added.' }),
    lastUsedAt: t.expose('lastUsedAt', { type: 'DateTime', nullable: true, description: 'When it was last used; null: never.' }),
  }),
});

builder.prismaObjectField(UserRef, 'sshKeys', (t) => t.relatedConnection('sshKeys', {
  cursor: 'id', totalCount: true, complexity: connectionCost, description: 'Your own SSH keys, newest first; none to a key that may not manage the account. Other users\' keys are never among them.',
  query: (_args, ctx) => ({ where: visibleOwn(requireActor(ctx)), orderBy: { id: 'desc' } }),
}, { name: 'SshKeyConnection' }, { name: 'SshKeyEdge' }));

const AddSshKeyInput = builder.inputType('AddSshKeyInput', {
  description: 'The key to add.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'What to call it: 1 to 100 characters.' }),
    publicKey: t.string({ required: true, description: 'The one line of its .pub file: Ed25519, ECDSA, or RSA of 3072 to 16384 bits.' }),
    idempotencyKey: t.string({ description: 'The same key within a day does it once, and answers the same SSH key.' }),
  }),
});

const key = <N extends string>(name: N, description: string) => builder.objectRef<{ sshKey: SshKey }>(name).implement({
  description, fields: (t) => ({ sshKey: t.expose('sshKey', { type: SshKeyRef, description: 'The key.' }) }),
});
const AddSshKeyPayload = key('AddSshKeyPayload', 'The new key.');
const RemoveSshKeyPayload = key('RemoveSshKeyPayload', 'The removed key, as it was.');

const RemoveSshKeyInput = builder.inputType('RemoveSshKeyInput', {
  description: 'The key to remove.',
  fields: (t) => ({ sshKey: t.id({ required: true, description: 'The key\'s id.' }) }),
});

builder.mutationFields((t) => ({
  addSshKey: t.field({
    type: AddSshKeyPayload, description: 'Adds an SSH key to your account. A key stands for one person, on the whole platform.',
    args: { input: t.arg({ type: AddSshKeyInput, required: true, description: 'Which.' }) },
    errors: { types: [InvalidInput, Forbidden, IdempotencyConflict], union: { name: 'AddSshKeyResult', description: 'The new key, or why there is none.' } },
    resolve: async (_root, { input }, ctx) => ({ sshKey: await addSshKey(ctx.platform, requireActor(ctx), input) }),
  }),
  removeSshKey: t.field({
    type: RemoveSshKeyPayload, description: 'Takes an SSH key of yours away.',
    args: { input: t.arg({ type: RemoveSshKeyInput, required: true, description: 'Which.' }) },
    errors: { types: [NotFound], union: { name: 'RemoveSshKeyResult', description: 'The removed key, or why it was not.' } },
    resolve: async (_root, { input }, ctx) => ({ sshKey: await removeSshKey(ctx.platform, requireActor(ctx), input.sshKey) }),
  }),
}));
