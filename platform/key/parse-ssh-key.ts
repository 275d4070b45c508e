import { createHash, createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import ssh2 from 'ssh2';
import type { SshKey } from '../../prisma/generated/client/client.ts';
import { InvalidInput } from '../user-error.ts';

/** NIST calls 112 bits of security (RSA of 2048) good enough until 2030 only; 3072 is 128 bits, what the other types have at least, and ssh-keygen's own default since 2019. */
const LEAST_RSA_BITS = 3072;
/** What OpenSSH takes at most: to check a larger one would be work for us and safety for nobody. */
const MOST_RSA_BITS = 16384;
/** A key of 16384 bits has 2,800 characters; the rest is comment. */
const MOST_CHARACTERS = 8_000;

const CURVE_BITS: Record<string, number> = { 'ecdsa-sha2-nistp256': 256, 'ecdsa-sha2-nistp384': 384, 'ecdsa-sha2-nistp521': 521 };
const TYPES = ['ssh-ed25519', ...Object.keys(CURVE_BITS), 'ssh-rsa'];
const LINE = /^(\S+)[ \t]+([A-Za-z0-9+/]+={0,2})(?:[ \t]+.*)?$/;
const HINT = 'Give the one line of a .pub file, as ~/.ssh/id_ed25519.pub; ssh-keygen -t ed25519 makes one.';

/** No message says what was sent: it may be a secret. */
const refuse = (message: string, hint = HINT): InvalidInput => new InvalidInput(message, { path: ['input', 'publicKey'], hint });

/** What an authorized_keys line without options says, its comment left out. Throws InvalidInput for what is no key, a weak one, or a private one. */
export function parseSshKey(text: string): Pick<SshKey, 'type' | 'bits' | 'fingerprint' | 'publicKey'> {
  if (/PRIVATE KEY|PuTTY-User-Key-File/i.test(text)) throw refuse('This is a private key. It was not stored; but it has left your machine, so make a new one, and send only the .pub file.');
  const line = text.trim();
  if (/[\r\n]/.test(line)) throw refuse('A public key is one line.');
  if (line.length > MOST_CHARACTERS) throw refuse(`A public key has ${MOST_CHARACTERS} characters at most.`);
  const [, type = '', data = ''] = LINE.exec(line) ?? [];
  checkType(type, line);
  const publicKey = `${type} ${data}`;
  const parsed = ssh2.utils.parseKey(publicKey);
  // What the library reads must be all that there is: nothing behind the key, no other type inside.
  if (parsed instanceof Error || parsed.type !== type || parsed.getPublicSSH().toString('base64') !== data) throw refuse(`This is no valid ${type} key.`);
  const bits = bitsOf(type, readKey(type, parsed.getPublicPEM()));
  if (type === 'ssh-rsa' && (bits < LEAST_RSA_BITS || bits > MOST_RSA_BITS)) throw refuse(`An RSA key has ${LEAST_RSA_BITS} to ${MOST_RSA_BITS} bits, and this one has ${bits}.`, 'Make one with ssh-keygen -t ed25519.');
  const digest = createHash('sha256').update(Buffer.from(data, 'base64')).digest('base64').replace(/=+$/, '');
  return { type, bits, publicKey, fingerprint: `SHA256:${digest}` };
}

function checkType(type: string, line: string): void {
  if (type === 'ssh-dss') throw refuse('DSA keys are not taken: they are too short, and OpenSSH takes them no more.', 'Make one with ssh-keygen -t ed25519.');
  if (type.startsWith('sk-')) throw refuse('Keys of security keys (sk-…) are not taken yet.', 'Make one with ssh-keygen -t ed25519.');
  if (/-cert-v0\d@/.test(type)) throw refuse('This is a certificate: send the public key itself.');
  if (TYPES.includes(type)) return;
  if (TYPES.some((known) => line.includes(` ${known} `))) throw refuse('Options before a key are not taken: send it from its type on.');
  throw refuse(`This is no SSH public key of a type that is taken (${TYPES.join(', ')}).`);
}

/** A point that is not on its curve, and the like, is found here. */
function readKey(type: string, pem: string): KeyObject {
  try {
    return createPublicKey(pem);
  } catch {
    throw refuse(`This is no valid ${type} key.`);
  }
}

function bitsOf(type: string, key: KeyObject): number {
  return type === 'ssh-rsa' ? key.asymmetricKeyDetails?.modulusLength ?? 0 : CURVE_BITS[type] ?? 256;
}
