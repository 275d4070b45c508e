import { getOperationAST } from 'graphql';
import type { DocumentNode, ExecutionArgs, GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { ApiContext } from '../schema/context.ts';
import { iterateInTrace } from '../service/http-trace.ts';
import { withTrace } from '../service/trace-context.ts';
import type { TraceContext } from '../service/trace-context.ts';
import { beginSpan, errorType, inSpan, isTracing } from '../service/trace.ts';
import type { Span } from '../service/trace.ts';

/** What runs one operation of a WebSocket. */
export interface Engine { run(): unknown }

/** A name is the client's to choose. */
const LONGEST_NAME = 100;

/** A span for each operation: its kind and name, never its text or variables. That of a subscription ends when its events can come. */
export function traceOperations(): Plugin<ApiContext> {
  const traced = <A extends { document: DocumentNode; operationName?: string | null | undefined }>(run: (args: A) => unknown) => (args: A): Promise<unknown> => {
    const { operation = 'query', name } = getOperationAST(args.document, args.operationName) ?? {};
    const named = name?.value.slice(0, LONGEST_NAME);
    const attributes = { 'graphql.operation.type': operation, 'graphql.operation.name': named };
    return inSpan(named === undefined ? operation : `${operation} ${named}`, { kind: 'internal', attributes }, async (span) => {
      const result = await run(args);
      noteErrors(span, result);
      return result;
    });
  };
  return {
    onExecute: ({ executeFn, setExecuteFn }) => { if (isTracing()) setExecuteFn(traced(executeFn as never) as never); },
    onSubscribe: ({ subscribeFn, setSubscribeFn }) => { if (isTracing()) setSubscribeFn(traced(subscribeFn as never) as never); },
  };
}

function noteErrors(span: Span, result: unknown): void {
  const first = (result as { errors?: readonly GraphQLError[] } | null)?.errors?.[0];
  if (first) span.fail(typeof first.extensions.code === 'string' ? first.extensions.code : errorType(first.originalError ?? first));
}

/**
 * Prepares an operation of a WebSocket, and runs it, in a span of its own: the socket is nobody's request any more. The trace goes on in each of
 * its events; the span ends when they can come.
 */
export async function traceEngine(parent: TraceContext | undefined, prepare: () => Promise<ExecutionArgs | readonly GraphQLError[]>): Promise<ExecutionArgs | readonly GraphQLError[]> {
  const span = beginSpan('WebSocket /graphql', { kind: 'server', parent, attributes: { 'network.protocol.name': 'websocket', 'http.route': '/graphql' } });
  try {
    const prepared = await withTrace(span.trace, prepare);
    if ('document' in prepared) return { ...prepared, rootValue: engineIn(span, prepared.rootValue as Engine) };
    span.fail('GRAPHQL_VALIDATION_FAILED');
    span.end();
    return prepared;
  } catch (error) {
    span.fail(errorType(error));
    span.end();
    throw error;
  }
}

function engineIn(span: Span, engine: Engine): Engine {
  return {
    run: async () => {
      try {
        const result = await withTrace(span.trace, engine.run);
        noteErrors(span, result);
        return isIterable(result) ? iterateInTrace(result, span.trace) : result;
      } finally { span.end(); }
    },
  };
}

const isIterable = (result: unknown): result is AsyncIterableIterator<unknown> => typeof result === 'object' && result !== null && Symbol.asyncIterator in result;
