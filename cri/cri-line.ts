/** One line of a CRI log file; the text is the bytes from `textStart` to `textEnd` of the buffer it was found in. */
export interface CriLine {
  /** Milliseconds since 1970; NaN where it could not be read. */
  at: number;
  stream: 'o' | 'e';
  /** Its text goes on in the next CRI line of the same stream. */
  partial: boolean;
  /** Its number within its source, where the writer says it (`F:<n>`): on the first line of a file, and after a loss. */
  ordinal: number | null;
  textStart: number;
  textEnd: number;
}

const SPACE = 0x20;
const COLON = 0x3a;
const STDERR = Buffer.from('stderr ');
const STDOUT = Buffer.from('stdout ');

/** An empty line to parse into: a reader makes one and uses it for every line. */
export const emptyCriLine = (): CriLine => ({ at: NaN, stream: 'o', partial: false, ordinal: null, textStart: 0, textEnd: 0 });

/**
 * Parses `<RFC3339Nano> <stdout|stderr> <tags> <text>`, the bytes from `start` to `end` without the newline, into `line`.
 * What has another form (a torn write) is kept whole as text of stdout, with `at` NaN; then it answers false.
 */
export function parseCriLine(bytes: Buffer, start: number, end: number, line: CriLine): boolean {
  line.at = NaN; line.stream = 'o'; line.partial = false; line.ordinal = null; line.textStart = start; line.textEnd = end;
  const timeEnd = bytes.indexOf(SPACE, start);
  if (timeEnd < start + 20 || timeEnd > start + 40 || timeEnd + 8 >= end) return false;
  const isError = startsWith(bytes, timeEnd + 1, STDERR);
  if (!isError && !startsWith(bytes, timeEnd + 1, STDOUT)) return false;
  const at = parseTime(bytes, start, timeEnd);
  if (Number.isNaN(at)) return false;
  const tags = timeEnd + 8;
  const tagByte = bytes[tags];
  if (tagByte !== 0x46 && tagByte !== 0x50) return false;
  let textStart = tags + 1;
  let ordinal: number | null = null;
  if (bytes[textStart] === COLON) {
    ordinal = 0;
    for (textStart++; textStart < end && bytes[textStart] !== SPACE && bytes[textStart] !== COLON; textStart++) {
      const digit = (bytes[textStart] as number) - 0x30;
      if (digit < 0 || digit > 9) return false;
      ordinal = ordinal * 10 + digit;
    }
    // Tags of later writers are skipped.
    while (textStart < end && bytes[textStart] !== SPACE) textStart++;
    if (!Number.isSafeInteger(ordinal)) return false;
  }
  // An empty text may come without the space before it.
  if (textStart < end && bytes[textStart] !== SPACE) return false;
  line.at = at; line.stream = isError ? 'e' : 'o'; line.partial = tagByte === 0x50; line.ordinal = ordinal;
  line.textStart = Math.min(textStart + 1, end);
  return true;
}

function startsWith(bytes: Buffer, at: number, word: Buffer): boolean {
  for (let i = 0; i < word.length; i++) if (bytes[at + i] !== word[i]) return false;
  return true;
}

/** The last second that was parsed: lines come in bursts of one second, and Date.parse is slow. */
let lastSecond = '';
let lastSecondAt = 0;

function parseTime(bytes: Buffer, start: number, end: number): number {
  const second = bytes.toString('latin1', start, start + 19);
  if (bytes[end - 1] !== 0x5a) return Date.parse(bytes.toString('latin1', start, end));
  if (second !== lastSecond) {
    const at = Date.parse(`${second}Z`);
    if (Number.isNaN(at)) return NaN;
    lastSecond = second;
    lastSecondAt = at;
  }
  let ms = 0;
  let unit = 100;
  if (bytes[start + 19] === 0x2e) for (let i = start + 20; i < end - 1 && unit >= 1; i++, unit /= 10) ms += ((bytes[i] as number) - 0x30) * unit;
  return lastSecondAt + Math.floor(ms);
}
