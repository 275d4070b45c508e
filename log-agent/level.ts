import type { LogLineTuple, LogSource } from '../bus/log.ts';

export type LevelMark = LogLineTuple[2];

/** `"level":"warn"`, `"severity":"ERROR"` or pino's `"level":50`, near the start of a JSON line. */
const JSON_LEVEL = /"(?:level|severity|lvl)"\s*:\s*(?:"([a-zA-Z]+)|(\d+))/;
/** `level=warn` (logfmt), or the router's `at=error`. */
const LOGFMT_LEVEL = /(?:^|\s)(?:level|at)="?([a-zA-Z]+)/;
/** A word in capitals that people's loggers begin with: `ERROR`, `[WARN]`, `INFO:`, after at most two words (a time, a name). */
const WORD_LEVEL = /^(?:\S+ ){0,2}\[?(TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|CRITICAL)\]?(?::|\s|$)/;

const marks: Record<string, LevelMark> = {
  trace: 'd', debug: 'd', info: 'i', notice: 'i', warn: 'w', warning: 'w', error: 'e', err: 'e', fatal: 'e', critical: 'e', panic: 'e',
};

/**
 * The level a line says it has: a JSON level field, a logfmt level, a leading word in capitals. Otherwise stderr of an app is an
 * error, and all else is info: build tools write their progress to stderr.
 */
export function guessLevel(source: LogSource, stream: 'o' | 'e', text: string): LevelMark {
  const head = text.length > 300 ? text.slice(0, 300) : text;
  const said = text.charCodeAt(0) === 0x7b ? jsonLevel(head) : wordLevel(head);
  return said ?? (stream === 'e' && source === 'APP' ? 'e' : 'i');
}

function jsonLevel(head: string): LevelMark | undefined {
  const match = JSON_LEVEL.exec(head);
  if (!match) return undefined;
  if (match[1] !== undefined) return marks[match[1].toLowerCase()];
  const number = Number(match[2]);
  if (number >= 50) return 'e';
  if (number >= 40) return 'w';
  return number >= 30 ? 'i' : 'd';
}

function wordLevel(head: string): LevelMark | undefined {
  const word = (head.includes('=') ? LOGFMT_LEVEL.exec(head)?.[1] : undefined) ?? WORD_LEVEL.exec(head)?.[1];
  return word === undefined ? undefined : marks[word.toLowerCase()];
}
