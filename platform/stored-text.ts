/** Text as PostgreSQL can keep it: zero bytes and halves of surrogate pairs, which it refuses, become U+FFFD. What programs print goes through this. */
export const storedText = (text: string): string => text.toWellFormed().replaceAll('\0', '\uFFFD');

/** The same for every text in plain data. */
export function storedData<T>(data: T): T {
  return JSON.parse(JSON.stringify(data), (_key, value: unknown) => (typeof value === 'string' ? storedText(value) : value)) as T;
}
