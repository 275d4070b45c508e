import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import type { ScryptOptions } from 'node:crypto';
import { createSlots, inSlot } from '../../service/slots.ts';
import { InvalidInput } from '../user-error.ts';
import { TooManyAttempts } from './account-error.ts';

/** What a guess costs, as scrypt's three numbers; N is 2^ln. */
export interface PasswordCost { ln: number; r: number; p: number }

/** One of the settings that OWASP's Password Storage Cheat Sheet gives as equally strong, that with 32 MiB each. */
export const PASSWORD_COST: PasswordCost = { ln: 15, r: 8, p: 3 };
const SALT_BYTES = 16;
const HASH_BYTES = 32;
const MIN_LENGTH = 10;
const MAX_LENGTH = 200;

/** Each takes a thread of Node's four for a while, and 32 MiB: files and names must still be read meanwhile. */
const MOST_AT_ONCE = 2;
const MOST_WAITING = 50;
/** Of one person or network, so that none of them fills the queue for all. */
const MOST_OF_ONE = 10;
const BUSY_SECONDS = 10;

/** The commonest that are long enough, of the lists of passwords that leaked; all of one character, and rows of keys, are known by their form. */
const COMMON = new Set([
  'password12', 'password123', 'password1234', 'passw0rd123', 'p@ssw0rd123', 'password!123', 'mypassword', 'passwordpassword', 'changeme123', 'letmein123', 'welcome123', 'welcome1234',
  'iloveyou12', 'iloveyou123', 'qwertyuiop', 'qwerty1234', 'qwerty12345', 'qwerty123456', 'qwertyuiop123', '1q2w3e4r5t', '1q2w3e4r5t6y', '1qaz2wsx3edc', 'zaq12wsxcde3', 'q1w2e3r4t5', 'q1w2e3r4t5y6',
  'asdfghjkl1', 'asdfghjkl123', 'administrator', 'adminadmin', 'admin12345', 'admin123456', 'football123', 'baseball123', 'sunshine123', 'princess123', 'superman123', 'liverpool1', 'manchester',
  'abcd123456', 'abc1234567', 'abcdefghij', 'abcdefghijk', '1234567890', '12345678910', '123456789a', '123456789q', 'a123456789', 'aa12345678', '0987654321', '1029384756', '1122334455', '1234554321', '123123123123', '123456123456', 'slipwayslipway',
]);
const isRow = (text: string): boolean => ['01234567890123456789', '98765432109876543210', 'abcdefghijklmnopqrstuvwxyz'].some((row) => row.includes(text));

/** Throws InvalidInput where a new password is one of the first that somebody would guess. Any characters count, also blanks. */
export function checkNewPassword(password: string, email: string, field = 'password'): void {
  const path = ['input', field];
  const plain = password.normalize('NFKC').toLowerCase();
  const length = Array.from(password).length;
  if (length < MIN_LENGTH || length > MAX_LENGTH) throw new InvalidInput(`A password has ${MIN_LENGTH} to ${MAX_LENGTH} characters; this one has ${length}.`, { path });
  if (plain === email || plain === email.split('@')[0]) throw new InvalidInput('The e-mail address is no password.', { path });
  if (COMMON.has(plain) || new Set(plain).size === 1 || isRow(plain)) throw new InvalidInput('This password is one of the commonest; choose another.', { path, hint: 'Three or four words that do not belong together are good, and easy to remember.' });
}

/** scrypt in PHC's string form, with a salt of its own. `by`: who asks for this work. Throws TooManyAttempts where they, or all together, ask for very much at once. */
export async function hashPassword(password: string, cost: PasswordCost, by: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  return inPhcForm(cost, salt, await derive(password, salt, HASH_BYTES, cost, by));
}

const PHC = /^\$scrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([\w+/]+)\$([\w+/]+)$/;
const inPhcForm = ({ ln, r, p }: PasswordCost, salt: Buffer, hash: Buffer): string => `$scrypt$ln=${ln},r=${r},p=${p}$${unpadded(salt)}$${unpadded(hash)}`;
const nobodysSalt = randomBytes(SALT_BYTES);
const nobodysHash = randomBytes(HASH_BYTES);

/** Whether this is the password; null stands for nobody's, which takes as long as one that was stored at this cost. Throws as hashPassword. */
export async function isPassword(stored: string | null, password: string, cost: PasswordCost, by: string): Promise<boolean> {
  const [, ln, r, p, salt = '', hash = ''] = PHC.exec(stored ?? inPhcForm(cost, nobodysSalt, nobodysHash)) ?? [];
  if (ln === undefined) throw new Error('a stored password is not in the form of this platform');
  const expected = Buffer.from(hash, 'base64');
  const derived = await derive(password, Buffer.from(salt, 'base64'), expected.length, { ln: Number(ln), r: Number(r), p: Number(p) }, by);
  return timingSafeEqual(derived, expected) && stored !== null;
}

const slots = createSlots(MOST_AT_ONCE);

/** How much work each asks for at this moment. */
const asked = new Map<string, number>();

async function derive(password: string, salt: Buffer, length: number, { ln, r, p }: PasswordCost, by: string): Promise<Buffer> {
  const own = asked.get(by) ?? 0;
  if (own >= MOST_OF_ONE || slots.waiting() >= MOST_WAITING) throw new TooManyAttempts(new Date(Date.now() + BUSY_SECONDS * 1000));
  const N = 2 ** ln;
  asked.set(by, own + 1);
  try {
    return await inSlot(slots, () => scryptAsync(password.normalize('NFKC'), salt, length, { N, r, p, maxmem: 256 * N * r }));
  } finally {
    const left = (asked.get(by) ?? 1) - 1;
    if (left === 0) asked.delete(by); else asked.set(by, left);
  }
}

const scryptAsync = (password: string, salt: Buffer, length: number, options: ScryptOptions): Promise<Buffer> => new Promise((resolve, reject) => {
  scrypt(password, salt, length, options, (error, key) => { if (error) reject(error); else resolve(key); });
});

function unpadded(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replace(/=+$/, '');
}
