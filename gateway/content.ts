import type { IncomingHttpHeaders } from 'node:http';
import Negotiator from 'negotiator';

export const JSON_TYPE = 'application/json';
export const RESPONSE_TYPE = 'application/graphql-response+json';
export const EVENTS_TYPE = 'text/event-stream';
export const HTML_TYPE = 'text/html';

/** How a request wants its answer. */
export interface Accepted {
  /** The one of GraphQL's two media types that it likes best; null: neither. */
  json: typeof JSON_TYPE | typeof RESPONSE_TYPE | null;
  /** It takes server-sent events: only who names them does. */
  events: boolean;
  /** It is a person's browser. */
  html: boolean;
}

/** By the GraphQL-over-HTTP specification: who names none, or anything, gets application/json, as clients that do expect it. */
export function acceptedTypes(header: string | undefined): Accepted {
  const accept = (header ?? '').toLowerCase();
  const negotiator = new Negotiator({ headers: accept === '' ? {} : { accept } });
  const json = negotiator.mediaType([JSON_TYPE, RESPONSE_TYPE]) ?? null;
  return {
    json: json as Accepted['json'],
    events: accept.includes(EVENTS_TYPE) && negotiator.mediaType([EVENTS_TYPE]) !== undefined,
    html: accept.includes(HTML_TYPE) && negotiator.mediaType([JSON_TYPE, RESPONSE_TYPE, EVENTS_TYPE, HTML_TYPE]) === HTML_TYPE,
  };
}

/** Why the body of a POST is not read: null, or what to send instead (415). Only JSON is taken: a form of another site can send any body but that without asking first. */
export function bodyProblem(headers: IncomingHttpHeaders): string | null {
  const [type = '', ...parameters] = (headers['content-type'] ?? '').split(';').map((part) => part.trim().toLowerCase());
  if (type.startsWith('multipart/')) return 'There is no multipart here, and nothing to upload: send JSON, "content-type: application/json".';
  if (type !== JSON_TYPE && type !== 'application/graphql+json') return 'Send JSON: "content-type: application/json".';
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.slice('charset='.length).replaceAll('"', '');
  if (charset !== undefined && charset !== 'utf-8' && charset !== 'utf8') return `Send UTF-8, not ${charset.slice(0, 40)}.`;
  // A body is small, and one that was compressed may not be: nobody needs it.
  if ((headers['content-encoding'] ?? 'identity').trim().toLowerCase() !== 'identity') return 'Send the body as it is, without content-encoding.';
  return null;
}
