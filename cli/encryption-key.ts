import type { Command } from 'commander';
import { payloadOf, query } from './client.ts';
import { CommandError } from './command-error.ts';
import { readCredentials } from './credentials.ts';
import { KeyRotation, RotateEncryptionKey } from './documents.ts';
import { printFields, printJson, say } from './print.ts';

async function show({ json }: { json?: boolean }): Promise<void> {
  const { keyRotation: rotation } = await query(readCredentials(), KeyRotation, {});
  if (!rotation) throw new CommandError('Only an administrator of the platform sees its encryption key\'s rotation.');
  if (json) { printJson(rotation); return; }
  const { keyId, entriesLeft, waitsFor, done, oldKeysEndAt, activatedAt } = rotation;
  printFields({
    'Key': keyId,
    'In use': activatedAt ? `since ${activatedAt}` : 'not yet: not all processes have it',
    'Under older keys': `${entriesLeft} values`,
    ...(waitsFor.length > 0 ? { 'Waits for': waitsFor.join(', ') } : {}),
    'Done': done ? `yes; older keys may be taken out from ${oldKeysEndAt ?? 'now'} on` : 'no',
  });
}

export function addEncryptionKeyCommands(program: Command): void {
  program.command('encryption-key').description('the key that config is encrypted with, and how far its rotation is').option('--json', 'as JSON').action(show);
  program.command('encryption-key:rotate').argument('[key]', 'the new key\'s id, to be sure of it').description('put everything under the newest key of the key file; the platform goes on running').action(async (keyId: string | undefined) => {
    payloadOf((await query(readCredentials(), RotateEncryptionKey, { input: keyId === undefined ? {} : { keyId } })).rotateEncryptionKey);
    say('The rotation has begun. slipway encryption-key shows how far it is.');
  });
}
