import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface Certificate { certificate: string; key: string }

const DAYS = 3650;

/** A self-signed certificate for these names; whoever trusts exactly it needs no authority. */
export async function makeCertificate(names: string[]): Promise<Certificate> {
  const dir = await mkdtemp(join(tmpdir(), 'certificate-'));
  try {
    await promisify(execFile)('openssl', [
      'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', String(DAYS), '-subj', `/CN=${names[0]}`,
      '-addext', `subjectAltName=${names.map((name) => `DNS:${name}`).join(',')}`, '-addext', 'extendedKeyUsage=serverAuth', '-keyout', join(dir, 'key'), '-out', join(dir, 'certificate'),
    ]);
    return { certificate: await readFile(join(dir, 'certificate'), 'utf8'), key: await readFile(join(dir, 'key'), 'utf8') };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
