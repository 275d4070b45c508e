import type { IncomingMessage, ServerResponse } from 'node:http';
import { activeTrace, parseTrace, withTrace } from './trace-context.ts';
import type { TraceContext } from './trace-context.ts';
import { beginSpan, hearsClientTraces } from './trace.ts';
import type { Attributes, Span } from './trace.ts';

/** The trace that a request comes with, where one from outside counts. */
export function traceOfRequest({ headers, socket }: IncomingMessage): TraceContext | undefined {
  // Behind a unix socket is our own router, and nobody else.
  if (!hearsClientTraces() && socket.remoteAddress !== undefined) return undefined;
  const { traceparent, tracestate } = headers;
  return parseTrace(typeof traceparent === 'string' ? traceparent : undefined, Array.isArray(tracestate) ? tracestate.join(',') : tracestate);
}

export interface ServerSpan {
  /** The kind of path, of which there are few: `/graphql`. */
  route: string;
  /** Null: the path is not ours to tell, as that of a request to an app. Queries never are. */
  path: string | null;
  attributes?: Attributes;
}

/** Answers a request in a span of its own, which ends with the answer. */
export function inServerSpan<T>(request: IncomingMessage, response: ServerResponse, { route, path, attributes }: ServerSpan, answer: (span: Span) => T): T {
  const span = beginSpan(`${methodOf(request)} ${route}`, { kind: 'server', parent: traceOfRequest(request), attributes: { ...requestAttributes(request, route, path), ...attributes } });
  response.once('close', () => {
    const status = response.statusCode;
    span.set({ 'http.response.status_code': status });
    if (status >= 500) span.fail(String(status)); else if (!response.writableFinished) span.fail('client_gone');
    span.end();
  });
  return withTrace(span.trace, () => answer(span));
}

export function requestAttributes(request: IncomingMessage, route: string, path: string | null): Attributes {
  return {
    'http.request.method': methodOf(request), 'http.route': route, 'url.path': path ?? undefined, 'url.scheme': 'http', 'server.address': (request.headers.host ?? '').replace(/:\d+$/, '') || undefined,
    'network.protocol.version': request.httpVersion,
  };
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH']);

/** A stranger's method is one word for all. */
const methodOf = ({ method = '' }: IncomingMessage): string => (METHODS.has(method) ? method : '_OTHER');

/** Each item of a live answer is made in the trace of who asked for it, whoever reads it. */
export function iterateInTrace<T>(items: AsyncIterableIterator<T>, trace = activeTrace()): AsyncIterableIterator<T> {
  return {
    next: () => withTrace(trace, () => items.next()),
    return: (value?: unknown) => withTrace(trace, () => items.return?.(value) ?? Promise.resolve({ done: true as const, value })),
    throw: (error?: unknown) => withTrace(trace, () => items.throw?.(error) ?? Promise.reject(error)),
    [Symbol.asyncIterator]() { return this; },
  };
}
