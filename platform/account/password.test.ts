import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { platformEnv, platformSettings } from '../settings.ts';
import { hashPassword, isPassword, PASSWORD_COST } from './password.ts';

const PASSWORD = 'correct horse battery';
const cheap = { ln: 4, r: 1, p: 1 };

describe('a stored password', () => {
  it('costs every process what OWASP asks for, whatever its environment says', () => {
    const env = { DATABASE_URL: 'x', SLIPWAY_KEY_FILE: 'x', SLIPWAY_URL: 'http://localhost:4000', SLIPWAY_DOMAIN: 'localhost', SLIPWAY_PORT: '4000', SLIPWAY_INTERNAL_URL: 'http://localhost:4000', SLIPWAY_BLOB_DIR: 'x' };
    assert.deepEqual(platformSettings(z.object(platformEnv).parse(env)).passwordCost, { ln: 15, r: 8, p: 3 });
  });

  it('says what it cost, is salted, and is known again', async () => {
    const stored = await hashPassword(PASSWORD, PASSWORD_COST, 'ann');
    assert.match(stored, /^\$scrypt\$ln=15,r=8,p=3\$[\w+/]{22}\$[\w+/]{43}$/);
    assert.equal(await isPassword(stored, PASSWORD, PASSWORD_COST, 'ann'), true);
    assert.equal(await isPassword(stored, `${PASSWORD}.`, PASSWORD_COST, 'ann'), false);
    assert.notEqual(await hashPassword(PASSWORD, cheap, 'ann'), await hashPassword(PASSWORD, cheap, 'ann'));
  });

  it('is known again at the cost that it has, when new ones cost more', async () => {
    assert.equal(await isPassword(await hashPassword(PASSWORD, cheap, 'ann'), PASSWORD, PASSWORD_COST, 'ann'), true);
  });

  it('of nobody is never the right one', async () => {
    for (const password of ['', PASSWORD]) assert.equal(await isPassword(null, password, cheap, 'ann'), false);
  });

  it('is the same however its characters are composed', async () => {
    assert.equal(await isPassword(await hashPassword('caf\u00e9 caf\u00e9 caf\u00e9', cheap, 'ann'), 'cafe\u0301 cafe\u0301 cafe\u0301', cheap, 'ann'), true);
  });

  it('is work of which nobody can ask for so much at once that others wait for nothing', async () => {
    const greedy = await Promise.allSettled(Array.from({ length: 60 }, () => hashPassword(PASSWORD, cheap, 'eve')).concat(hashPassword(PASSWORD, cheap, 'ann')));
    assert.equal(greedy.slice(0, 60).filter(({ status }) => status === 'fulfilled').length, 10);
    assert.equal(greedy.at(-1)?.status, 'fulfilled');
    await hashPassword(PASSWORD, cheap, 'eve');
  });
});
