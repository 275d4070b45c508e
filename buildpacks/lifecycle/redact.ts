import { createMatcher } from './match.ts';

/** Values shorter than this are left: redacting `1` or `true` would make every line unreadable. */
export const SHORTEST_SECRET_BYTES = 6;

export const REDACTED = '[redacted]';

/** Takes output as it comes and gives it back without the secrets; keeps back only what may be the start of one. */
export interface Redactor {
  write(chunk: Buffer): Buffer;
  /** What was kept back: the output has ended. */
  end(): Buffer;
}

/**
 * Removes secrets from a stream of bytes wherever its chunks are cut: as they are, line by line, JSON-, URL- and base64-encoded
 * (any alignment, also wrapped into lines). Pure; values under 6 bytes are left.
 */
export function createRedactor(secrets: readonly Buffer[]): Redactor {
  const long = secrets.filter((secret) => secret.length >= SHORTEST_SECRET_BYTES);
  if (long.length === 0) return { write: (chunk) => chunk, end: () => Buffer.alloc(0) };
  const exact = createMatcher(long.flatMap(plainForms), REDACTED, { wrapped: false });
  const encoded = createMatcher(long.flatMap(base64Forms), REDACTED, { wrapped: true });
  return {
    write: (chunk) => encoded.write(exact.write(chunk)),
    end: () => Buffer.concat([encoded.write(exact.end()), encoded.end()]),
  };
}

/** The same for a text that is there as a whole. */
export function redactText(text: string, secrets: readonly Buffer[]): string {
  const redactor = createRedactor(secrets);
  return Buffer.concat([redactor.write(Buffer.from(text)), redactor.end()]).toString();
}

function plainForms(secret: Buffer): Buffer[] {
  const text = secret.toString();
  // A shell's $(…) drops the last newline, and tools print a value's lines with their own indentation.
  const forms = [secret, Buffer.from(text.trim()), ...text.split(/\r?\n/).map((line) => Buffer.from(line.trim()))];
  const isText = Buffer.from(text).equals(secret);
  if (isText) {
    const json = JSON.stringify(text).slice(1, -1);
    forms.push(Buffer.from(json), Buffer.from(json.replaceAll('/', '\\/')));
  }
  forms.push(...urlForms(secret));
  return forms.filter((form) => form.length >= SHORTEST_SECRET_BYTES);
}

function urlForms(secret: Buffer): Buffer[] {
  // Encoders disagree on which marks they leave and on the case of hex digits. A long secret gets the usual ones only: each form costs memory.
  const extraMarks = secret.length > 4096 ? [''] : ['', '/', '/:@'];
  const usualMarks = secret.length > 4096 ? ["-_.!~*'()"] : ['-_.~', "-_.!~*'()", '-_.*'];
  return extraMarks.flatMap((more) => usualMarks.flatMap((marks) => {
    const upper = percentEncode(secret, marks + more);
    const lower = upper.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
    return [upper, lower, upper.replaceAll('%20', '+'), lower.replaceAll('%20', '+')].map((form) => Buffer.from(form));
  }));
}

function percentEncode(bytes: Buffer, unreserved: string): string {
  let encoded = '';
  for (const byte of bytes) {
    const char = String.fromCharCode(byte);
    encoded += /[A-Za-z0-9]/.test(char) || unreserved.includes(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}

/** The characters of base64 that are sure wherever in a longer text the secret stands: three alignments, two alphabets. */
function base64Forms(secret: Buffer): Buffer[] {
  const forms: string[] = [secret.toString('base64'), secret.toString('base64url')];
  for (const before of [0, 1, 2]) {
    const padded = Buffer.concat([Buffer.alloc(before), secret]);
    const start = Math.ceil(before * 8 / 6);
    const end = Math.floor(padded.length * 8 / 6);
    forms.push(padded.toString('base64').slice(start, end), padded.toString('base64url').slice(start, end));
  }
  return forms.filter((form) => form.length >= SHORTEST_SECRET_BYTES).map((form) => Buffer.from(form));
}
