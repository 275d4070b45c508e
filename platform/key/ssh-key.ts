import type { SshKey } from '../../prisma/generated/client/client.ts';
import { isUniqueViolation } from '../../prisma/client.ts';
import { isUuid, requireAccount, visibleOwn } from '../access.ts';
import type { Actor } from '../access.ts';
import { requireAccountNow } from '../actor-now.ts';
import { lockUntilCommit } from '../advisory-lock.ts';
import { checkKeyName } from './api-key.ts';
import { once } from '../idempotency.ts';
import type { Platform } from '../platform.ts';
import { parseSshKey } from './parse-ssh-key.ts';
import { writeUserEvent } from '../user-event.ts';
import { InvalidInput, NotFound } from '../user-error.ts';

const MOST_KEYS = 100;

export interface AddSshKeyInput { name: string; publicKey: string; idempotencyKey?: string | null | undefined }

/** Adds an SSH key to the actor's account. Throws InvalidInput, also where it is somebody's already (whose is not told), Forbidden, IdempotencyConflict. */
export async function addSshKey(platform: Platform, actor: Actor, { name, publicKey, idempotencyKey }: AddSshKeyInput): Promise<SshKey> {
  requireAccount(actor, 'manageAccount');
  checkKeyName(name);
  const { fingerprint, ...key } = parseSshKey(publicKey);
  const { id } = await platform.db.$transaction((tx) => once(tx, actor, 'addSshKey', idempotencyKey, { name, fingerprint }, async () => {
    await requireAccountNow(tx, actor, 'manageAccount');
    await lockUntilCommit(tx, `ssh keys of ${actor.userId}`);
    if (await tx.sshKey.count({ where: { userId: actor.userId } }) >= MOST_KEYS) throw new InvalidInput(`You have ${MOST_KEYS} SSH keys; remove one that you do not use.`, { path: ['input', 'publicKey'] });
    const { id: made } = await tx.sshKey.create({ data: { userId: actor.userId, name, fingerprint, ...key } });
    await writeUserEvent(tx, actor, 'SshKeyAdded', { name, fingerprint });
    return made;
  })).catch((error: unknown) => {
    if (isUniqueViolation(error)) throw new InvalidInput('This SSH key is in use already.', { path: ['input', 'publicKey'], hint: 'A key stands for one person: make one with ssh-keygen -t ed25519.' });
    throw error;
  });
  return platform.db.sshKey.findUniqueOrThrow({ where: { id } });
}

/** Takes an SSH key of the actor's away. Throws NotFound. */
export async function removeSshKey(platform: Platform, actor: Actor, id: string): Promise<SshKey> {
  const key = isUuid(id) ? await platform.db.sshKey.findFirst({ where: { AND: [{ id }, visibleOwn(actor)] } }) : null;
  if (!key) throw new NotFound('SSH key', id, { path: ['input', 'sshKey'] });
  await platform.db.$transaction(async (tx) => {
    const { count } = await tx.sshKey.deleteMany({ where: { id } });
    if (count > 0) await writeUserEvent(tx, actor, 'SshKeyRemoved', { name: key.name, fingerprint: key.fingerprint });
  });
  return key;
}
