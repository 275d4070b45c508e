import { StringDecoder } from 'node:string_decoder';
import { BuildFailure } from './failure.ts';
import { createRedactor, redactText } from './redact.ts';

const KEPT_LINES = 20;
const KEPT_CHARS = 2_000;

/** Where one program's output goes, as it comes. */
export interface Sink { write(chunk: Buffer): void; end(): void }

/** All that a build says, without secrets, up to its limit. */
export interface Output {
  /** Says lines of our own. */
  say(text: string): void;
  /** Aborts with OUTPUT_LIMIT when too much was said. */
  signal: AbortSignal;
  /** Redacts as it comes: a program's whole output must go through one sink. */
  openSink(): Sink;
  /** The last lines that were said; 20 at most. */
  lastLines(): string[];
  redact(text: string): string;
}

/** @param print gets whole redacted pieces of output, in order */
export function createOutput(secrets: readonly Buffer[], maxBytes: number, print: (bytes: Buffer) => void): Output {
  const limit = new AbortController();
  const decoder = new StringDecoder('utf8');
  const lines: string[] = [];
  let current = '';
  let said = 0;

  const keep = (bytes: Buffer): void => {
    const parts = (current + decoder.write(bytes)).split('\n');
    current = (parts.pop() ?? '').slice(-KEPT_CHARS);
    lines.push(...parts.slice(-KEPT_LINES).map((line) => line.replace(/\r$/, '').slice(0, KEPT_CHARS)));
    lines.splice(0, lines.length - KEPT_LINES);
  };
  const give = (bytes: Buffer): void => {
    if (bytes.length === 0) return;
    print(bytes);
    keep(bytes);
  };
  const count = (bytes: number): boolean => {
    if (limit.signal.aborted) return false;
    said += bytes;
    if (said <= maxBytes) return true;
    const mb = Math.max(1, Math.floor(maxBytes / 1024 / 1024));
    limit.abort(new BuildFailure('OUTPUT_LIMIT', `The build printed more than ${mb} MB.`, 'Make it print less, or ask the operator for more (SLIPWAY_BUILD_OUTPUT_MB).'));
    return false;
  };

  return {
    signal: limit.signal,
    say: (text) => { give(Buffer.from(`${redactText(text, secrets)}\n`)); },
    openSink: () => {
      const redactor = createRedactor(secrets);
      let unfinished = false;
      const pass = (bytes: Buffer): void => { if (bytes.length > 0) { unfinished = bytes.at(-1) !== 10; give(bytes); } };
      return {
        write: (chunk) => { if (count(chunk.length)) pass(redactor.write(chunk)); },
        end: () => { pass(redactor.end()); if (unfinished) give(Buffer.from('\n')); },
      };
    },
    lastLines: () => [...lines, current].filter((line, index, all) => line !== '' || index < all.length - 1).slice(-KEPT_LINES),
    redact: (text) => redactText(text, secrets),
  };
}
