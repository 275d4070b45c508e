/** What is known of documents, by their text. */
export interface DocumentCache<T> {
  get(text: string): T | undefined;
  set(text: string, value: T): void;
}

/** A parsed document takes about a hundred bytes for each character of its text. */
const MOST_CHARACTERS = 500_000;
/** Documents of programs are shorter; what is longer is parsed each time. */
const LONGEST = 10_000;

/** Remembers the documents that were asked for last, of so much text together, whatever is sent to fill it. */
export function createDocumentCache<T>(most = MOST_CHARACTERS, longest = LONGEST): DocumentCache<T> {
  const known = new Map<string, T>();
  let characters = 0;
  const forget = (text: string): void => { if (known.delete(text)) characters -= text.length; };
  return {
    get: (text) => {
      const value = known.get(text);
      // The order of a Map is that of its writes: what is asked for moves to its end.
      if (value !== undefined) { known.delete(text); known.set(text, value); }
      return value;
    },
    set: (text, value) => {
      if (text.length > longest) return;
      forget(text);
      known.set(text, value);
      characters += text.length;
      for (const oldest of known.keys()) {
        if (characters <= most) return;
        forget(oldest);
      }
    },
  };
}
