import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Command } from 'commander';
import { payloadOf, query } from './client.ts';
import { CommandError } from './command-error.ts';
import { readCredentials } from './credentials.ts';
import { AddSshKey, RemoveSshKey, SshKeys } from './documents.ts';
import type { CliSshKeysQuery } from './gql/graphql.ts';
import { ago, printJson, printTable, say } from './print.ts';

type SshKeyOfUser = NonNullable<CliSshKeysQuery['viewer']>['sshKeys']['nodes'][number];

const readKeys = async (): Promise<SshKeyOfUser[]> => (await query(readCredentials(), SshKeys, {})).viewer?.sshKeys.nodes ?? [];

/** A private key never leaves this machine. */
function readPublicKey(file: string): string {
  let text: string;
  try {
    text = readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw new CommandError(`${file} cannot be read (${error instanceof Error && 'code' in error ? String(error.code) : String(error)}).`, 'Make a key with: ssh-keygen -t ed25519');
  }
  if (text.includes('PRIVATE KEY')) throw new CommandError(`${file} is a private key; nothing was sent.`, `Add the public one: slipway ssh-keys:add ${file}.pub`);
  return text.trim();
}

async function add(file: string, { name }: { name?: string }): Promise<void> {
  const publicKey = readPublicKey(file);
  const comment = publicKey.split(/\s+/).slice(2).join(' ').slice(0, 100);
  const { sshKey } = payloadOf((await query(readCredentials(), AddSshKey, { input: { name: name ?? (comment === '' ? hostname() : comment), publicKey } })).addSshKey);
  say(`The key ${sshKey.name} (${sshKey.fingerprint}) is added.`);
}

async function remove(which: string): Promise<void> {
  const found = (await readKeys()).filter(({ name, fingerprint }) => name === which || fingerprint === which);
  const [key] = found;
  if (!key) throw new CommandError(`You have no SSH key "${which}".`, 'slipway ssh-keys lists them.');
  if (found.length > 1) throw new CommandError(`You have ${found.length} SSH keys named "${which}".`, 'Say which by its fingerprint.');
  payloadOf((await query(readCredentials(), RemoveSshKey, { input: { sshKey: key.id } })).removeSshKey);
  say(`The key ${key.name} (${key.fingerprint}) is removed.`);
}

export function addSshKeyCommands(program: Command): void {
  program.command('ssh-keys').description('list your SSH keys').option('--json', 'as JSON').action(async ({ json }: { json?: boolean }) => {
    const keys = await readKeys();
    if (json) { printJson(keys); return; }
    if (keys.length === 0) { say('You have no SSH key yet. Add one with: slipway ssh-keys:add ~/.ssh/id_ed25519.pub'); return; }
    printTable(['NAME', 'TYPE', 'BITS', 'FINGERPRINT', 'ADDED'], keys.map(({ name, type, bits, fingerprint, createdAt }) => [name, type, String(bits), fingerprint, ago(createdAt)]));
  });
  program.command('ssh-keys:add').argument('<file>', 'the .pub file; - for standard input').description('add an SSH key').option('--name <name>', 'what to call it; else its comment').action(add);
  program.command('ssh-keys:remove').argument('<key>', 'its name or fingerprint').description('take an SSH key away').action(remove);
}
