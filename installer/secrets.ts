import { randomBytes } from 'node:crypto';
import { createSeed, publicKeyOfSeed } from '../bus/credential.ts';
import { processesOf } from '../bus/permissions.ts';
import type { BusProcess } from '../bus/permissions.ts';
import { createKeyRing } from '../platform/encryption/key-ring.ts';
import { parseKeys } from '../service/key-file.ts';
import type { Certificate } from './certificate.ts';

/** The content of a Secret by its keys. */
export type SecretContent = Record<string, string>;
/** Secrets by their names. */
export type Secrets = Record<string, SecretContent>;

/** Who is on the bus in a cluster. */
export const busUsers: BusProcess[] = processesOf('kubernetes');
export const busSecret = (process: BusProcess): string => `bus-${process}`;
/** All that the installer makes but the first user's. */
export const secretNames = ['master-key', 'blob-key', 'bus-server', ...busUsers.map(busSecret)];

/**
 * All secrets as they must be: what there is stays, what is missing is made, what is derived from others follows them. The master key and
 * each process's seed are in one Secret each, and only who needs it mounts it; the server knows public keys.
 */
export async function completeSecrets(there: Secrets, makeCertificate: () => Promise<Certificate>): Promise<Secrets> {
  const master = there['master-key']?.['master.key'] ?? `${randomBytes(32).toString('base64')}\n`;
  const server = there['bus-server'];
  const { certificate, key } = server?.['tls.crt'] !== undefined && server['tls.key'] !== undefined ? { certificate: server['tls.crt'], key: server['tls.key'] } : await makeCertificate();
  const seeds = busUsers.map((process): [BusProcess, string] => [process, there[busSecret(process)]?.seed ?? createSeed()]);
  const publicKeys = Object.fromEntries(seeds.map(([process, seed]) => [process, publicKeyOfSeed(seed)]));
  return {
    'master-key': { 'master.key': master },
    'blob-key': { 'blob.key': blobKeys(master) },
    'bus-server': { 'public-keys.json': JSON.stringify(publicKeys), 'tls.crt': certificate, 'tls.key': key },
    ...Object.fromEntries(seeds.map(([process, seed]) => [busSecret(process), { seed, 'ca.crt': certificate }])),
  };
}

/** A line for each line of the master key, so that the blob server serves what either key has signed. */
const blobKeys = (master: string): string => createKeyRing(() => parseKeys(master)).keys().map((key) => `${key.subKey('blobs').toString('base64')}\n`).join('');
