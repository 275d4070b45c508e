import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { GraphQLError } from 'graphql';

/** Where the text of an operation comes from: itself, or a document that this release knows by its digest. */
export interface DocumentSource {
  /** Throws GraphQLError: the document is not known here, or only those that are known may be used. */
  textOf(params: { query?: string; documentId?: string; extensions?: Record<string, unknown> | null }): string;
}

/** The documents of our own clients, of this very release; `npm run generate` writes them. */
export function ownDocuments(): Record<string, string> {
  return JSON.parse(readFileSync(new URL('../schema/persisted-documents.json', import.meta.url), 'utf8')) as Record<string, string>;
}

/** @param documents texts by their identifiers, `sha256:` and 64 hexadecimal digits; @param onlyThese refuse any other text */
export function createDocumentSource(documents: Record<string, string>, onlyThese: boolean): DocumentSource {
  const known = new Map(Object.entries(documents));
  const isKnown = (text: string): boolean => known.has(`sha256:${createHash('sha256').update(text).digest('hex')}`);
  return {
    textOf: ({ query = '', documentId, extensions }) => {
      const id = documentId ?? idInExtensions(query, extensions);
      if (id !== undefined) {
        if (query !== '') throw refusal('INVALID_INPUT', 'Send "query" or "documentId", not both.', 400);
        const text = known.get(id);
        if (text === undefined) throw refusal('PERSISTED_DOCUMENT_NOT_FOUND', `This platform does not know the document ${JSON.stringify(id.slice(0, 80))}: send its text as "query".`, 404);
        return text;
      }
      if (onlyThese && !isKnown(query)) throw refusal('PERSISTED_DOCUMENT_REQUIRED', 'This platform answers only the documents of its own clients, by "documentId".', 403);
      return query;
    },
  };
}

/** Where a protocol has no place for an identifier but insists on a text, as that of WebSockets: an empty one, and the identifier in `extensions`. */
function idInExtensions(query: string, extensions: Record<string, unknown> | null | undefined): string | undefined {
  const id = query === '' ? extensions?.documentId : undefined;
  return typeof id === 'string' ? id : undefined;
}

const refusal = (code: string, message: string, status: number): GraphQLError => new GraphQLError(message, { extensions: { code, http: { status, spec: true } } });
