import assert from 'node:assert/strict';
import { randomBytes, randomInt } from 'node:crypto';
import { describe, it } from 'node:test';
import { createRedactor, redactText } from './redact.ts';

const secret = (text: string): Buffer[] => [Buffer.from(text)];

/** Feeds the text in pieces of these sizes, over and over. */
function inPieces(text: Buffer, secrets: Buffer[], sizes: number[]): string {
  const redactor = createRedactor(secrets);
  const out: Buffer[] = [];
  for (let from = 0, turn = 0; from < text.length; turn++) {
    const to = from + (sizes[turn % sizes.length] ?? 1);
    out.push(redactor.write(text.subarray(from, to)));
    from = to;
  }
  return Buffer.concat([...out, redactor.end()]).toString();
}

describe('redact', () => {
  const pem = `-----BEGIN KEY-----\n${'QUJD'.repeat(16)}\nrest0123\n-----END KEY-----\n`;
  const long = `postgres://user:${'p4ss/w0rd+'.repeat(9)}@host/db`;
  const cases: { name: string; secrets: Buffer[]; text: string; want: string }[] = [
    { name: 'a value as it is', secrets: secret('hunter22'), text: 'the value is hunter22.\n', want: 'the value is [redacted].\n' },
    { name: 'a value under 6 bytes is left', secrets: secret('12345'), text: 'port 12345\n', want: 'port 12345\n' },
    { name: 'a value at the very start and end', secrets: secret('hunter22'), text: 'hunter22hunter22', want: '[redacted]' },
    { name: 'overlapping values', secrets: [Buffer.from('abcdefgh'), Buffer.from('efghijkl')], text: 'x abcdefghijkl y', want: 'x [redacted] y' },
    { name: 'a value inside another', secrets: [Buffer.from('secret'), Buffer.from('my-secret-value')], text: 'my-secret-valu secret my-secret-value', want: 'my-[redacted]-valu [redacted] [redacted]' },
    { name: 'a value that repeats itself', secrets: secret('ababab'), text: 'zababababz', want: 'z[redacted]z' },
    { name: 'a false start', secrets: secret('aaaaab'), text: 'aaaaaaaab', want: 'aaa[redacted]' },
    { name: 'a multi-line value, whole', secrets: secret(pem), text: `key: ${pem}next\n`, want: 'key: [redacted]next\n' },
    { name: 'a multi-line value, indented', secrets: secret(pem), text: pem.replace(/^/gm, '       '), want: '       [redacted]\n       [redacted]\n       [redacted]\n       [redacted]\n       ' },
    { name: 'a value without its last newline', secrets: secret('line of text\n'), text: 'echo "line of text"', want: 'echo "[redacted]"' },
    { name: 'JSON-escaped', secrets: secret('say "yes"\tplease'), text: JSON.stringify({ a: 'say "yes"\tplease' }), want: '{"a":"[redacted]"}' },
    { name: 'URL-encoded', secrets: secret('p@ss w/rd'), text: `?a=${encodeURIComponent('p@ss w/rd')}&b=p%40ss+w%2frd`, want: '?a=[redacted]&b=[redacted]' },
    { name: 'base64 with its padding', secrets: secret('hunter22'), text: `${Buffer.from('hunter22').toString('base64')} end`, want: '[redacted] end' },
  ];
  for (const { name, secrets, text, want } of cases) {
    it(`${name}, whatever the chunks`, () => {
      for (const sizes of [[1], [2], [3, 7], [5, 1], [text.length]]) assert.equal(inPieces(Buffer.from(text), secrets, sizes), want, `pieces of ${sizes.join(',')}`);
    });
  }

  it('finds base64 in each alignment, with what precedes it encoded too', () => {
    for (const before of ['', 'u', 'us', 'user:']) {
      const encoded = Buffer.from(`${before}${long}\n`).toString('base64');
      const shown = redactText(`Authorization: Basic ${encoded}\n`, secret(long));
      assert.match(shown, /\[redacted\]/);
      for (let at = 0; at + 8 <= encoded.length; at++) {
        const piece = encoded.slice(at, at + 8);
        if (at >= 10) assert.ok(!shown.includes(piece), `${piece} is left of ${before}`);
      }
    }
  });

  it('finds base64 that is wrapped into lines', () => {
    const value = randomBytes(200);
    const wrapped = Buffer.concat([Buffer.from('ab'), value]).toString('base64').replace(/.{76}/g, '$&\n   ');
    const shown = redactText(`here:\n   ${wrapped}\ndone\n`, [value]);
    assert.match(shown, /^here:\n {3}.{0,4}\[redacted\].{0,4}\ndone\n$/);
  });

  it('holds back nothing of a line that cannot be the start of a secret', () => {
    const redactor = createRedactor(secret('hunter22'));
    assert.equal(redactor.write(Buffer.from('Installing packages\n')).toString(), 'Installing packages\n');
    assert.equal(redactor.write(Buffer.from('found hunt')).toString(), 'found ');
    assert.equal(redactor.write(Buffer.from('ing dogs')).toString(), 'hunting dogs');
    assert.equal(redactor.end().toString(), '');
  });

  it('keeps its memory bounded in an endless repetition', () => {
    const redactor = createRedactor(secret('aaaaaaaa'));
    let out = 0;
    for (let i = 0; i < 1000; i++) out += redactor.write(Buffer.alloc(1000, 'a')).length;
    assert.ok(out + redactor.end().length < 30);
  });

  it('never shows a secret in any form, at any place, in any chunks, and changes nothing else', () => {
    const alphabets = ['abc', 'ab\n', 'abcdefghijklmnopqrstuvwxyz0123456789+/=%&"\\ \n'];
    for (let round = 0; round < 400; round++) {
      const alphabet = alphabets[round % alphabets.length] ?? 'abc';
      const text = (length: number): string => Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('');
      const secrets = Array.from({ length: randomInt(1, 4) }, () => Buffer.from(text(randomInt(6, 40))));
      const chosen = secrets[randomInt(secrets.length)] ?? Buffer.alloc(0);
      const raw = Buffer.from(`${text(randomInt(0, 20))}${chosen.toString()}${text(randomInt(0, 20))}`);
      const sizes = Array.from({ length: 5 }, () => randomInt(1, 9));
      const shown = inPieces(raw, secrets, sizes);
      assert.equal(shown, redactText(raw.toString(), secrets), 'the chunks make a difference');
      for (const one of secrets) if (raw.includes(one)) assert.ok(!shown.includes(one.toString()), JSON.stringify({ raw: raw.toString(), secrets: secrets.map(String), shown }));
      const url = encodeURIComponent(chosen.toString());
      assert.ok(!inPieces(Buffer.from(`x=${url}&`), secrets, sizes).includes(url));
    }
    const harmless = 'Nothing to see here.\n  at all\r\n\tever\n'.repeat(50);
    assert.equal(inPieces(Buffer.from(harmless), [randomBytes(20), randomBytes(300)], [7, 2]), harmless);
  });
});
