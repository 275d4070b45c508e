/** `2026-11-24T12:00:00.123456789Z`, or with an offset, at the start of a CRI line. */
const TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d) /;

/** The time of the CRI line that these bytes begin with, in microseconds since 1970; -1: it cannot be read. */
export function criMicros(head: Buffer): number {
  const [match, second, fraction = '', zone] = TIME.exec(head.toString('latin1', 0, 64)) ?? [];
  const at = match === undefined ? NaN : Date.parse(`${second}${zone}`);
  return Number.isNaN(at) ? -1 : at * 1000 + Number(fraction.padEnd(6, '0').slice(0, 6));
}
