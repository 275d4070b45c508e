const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** What is another one in each run, by the name of its field. */
const madeUp: Record<string, string> = { token: 'q3Vn…', uri: 'otpauth://totp/…', qrCode: '<svg …', prefix: 'slip_Xy7a', digest: 'fd0c…', cursor: 'bXd5…', endCursor: 'R1BD…', startCursor: 'R1BD…' };
/** Cursors of events are numbers, and the same each time. */
const isEventCursor = (text: string): boolean => Buffer.from(text, 'base64url').toString().startsWith('event:');

/** The same for each run of the same example: ids are numbered as they appear, times and secrets are made up. */
export function steady<T>(value: T): T {
  const ids = new Map<string, string>();
  const numbered = (id: string): string => {
    if (!ids.has(id)) ids.set(id, `00000000-0000-4000-8000-${String(ids.size + 1).padStart(12, '0')}`);
    return ids.get(id) ?? '';
  };
  return JSON.parse(JSON.stringify(value, (key, each: unknown) => {
    if (key === 'recoveryCodes') return ['kq2f-…', 'x7ma-…'];
    if (typeof each !== 'string') return each;
    if (key === 'secret') return each.startsWith('slip_') ? 'slip_…' : 'JBSW…';
    // Of an authenticator app; other codes are those of errors.
    if (key === 'code' && /^\d{6}$/.test(each)) return '123456';
    return (isEventCursor(each) ? each : madeUp[key] ?? each).replaceAll(UUID, numbered).replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, '2026-05-01T12:00:00.000Z');
  })) as T;
}
