/** The API key of an Authorization header: `Bearer slip_…`, or basic with the key as password. Null: there is none; '' where it is of no form we know. */
export function keyOfHeader(header: string | undefined): string | null {
  if (header === undefined) return null;
  const [scheme = '', value = ''] = header.trim().split(/\s+/, 2);
  if (scheme.toLowerCase() === 'bearer') return value;
  if (scheme.toLowerCase() !== 'basic') return '';
  const text = Buffer.from(value, 'base64').toString();
  return text.slice(text.indexOf(':') + 1);
}

/** The API key of a WebSocket's connectionParams, `{ apiKey }` or `{ authorization }`. */
export function keyOfParams(params: Readonly<Record<string, unknown>> | undefined): string | null {
  for (const [name, value] of Object.entries(params ?? {})) {
    if (typeof value !== 'string') continue;
    if (name.toLowerCase() === 'apikey') return value;
    if (name.toLowerCase() === 'authorization') return keyOfHeader(value);
  }
  return null;
}

export const WRONG_KEY = 'This API key is not known, has expired, or was revoked.';
