import { getOperationAST, GraphQLError } from 'graphql';
import type { DocumentNode, ExecutionArgs, ExecutionResult } from 'graphql';
import type { Actor } from '../platform/access.ts';
import type { Visitor } from '../platform/account/session.ts';
import { costOf, errorsWithCost, newReceipt, payerOf } from './cost.ts';
import type { OperationContext } from './cost.ts';
import { withoutHttp } from './error-with.ts';
import type { GraphqlDoor } from './graphql-http.ts';

export interface OperationParams {
  query: string;
  operationName?: string | null;
  variables?: Record<string, unknown> | null;
  extensions?: Record<string, unknown> | null;
}

/** Whose operation it is, and until when its live answers may go on. */
export interface Caller { actor: Actor | null; visitor: Visitor; signal: AbortSignal }

export interface Operation { args: ExecutionArgs; run(): Promise<ExecutionResult | AsyncIterable<ExecutionResult>> }

/** Finds, parses, limits and validates an operation that came by another way than the engine's own, exactly as that does. Errors tell the cost, as answers do. @param textOf answers the document's text, or throws GraphQLError */
export async function prepareOperation({ api, platform, wakeUps, purses, maskError }: GraphqlDoor, { actor, visitor, signal }: Caller, params: OperationParams, textOf: () => string): Promise<Operation | { errors: readonly GraphQLError[] }> {
  const context: OperationContext = { platform, wakeUps, actor, visitor, cookies: null, signal, receipt: newReceipt(payerOf(actor, visitor.address), true) };
  const refused = (errors: readonly GraphQLError[]): { errors: readonly GraphQLError[] } => ({ errors: errorsWithCost(errors.map(withoutHttp), costOf(0, purses.spend(context.receipt.payer, 0))) });
  const { schema, execute, subscribe, contextFactory, parse, validate } = api.getEnveloped({ ...context, params });
  try {
    const document = parse(textOf()) as DocumentNode;
    const errors = validate(schema, document) as GraphQLError[];
    if (errors.length > 0) return refused(errors);
    const operationName = params.operationName || undefined;
    const operation = getOperationAST(document, operationName);
    if (!operation) return refused([new GraphQLError(operationName === undefined ? 'The document has several operations, or none: say which by "operationName".' : `The document has no operation "${operationName.slice(0, 60)}".`, { extensions: { code: 'INVALID_INPUT' } })]);
    const args: ExecutionArgs = { schema, document, operationName, variableValues: params.variables, contextValue: await contextFactory() };
    return { args, run: () => settle(() => (operation.operation === 'subscription' ? subscribe : execute)(args) as Ran, maskError) };
  } catch (error) {
    return refused([maskError(error)]);
  }
}

type Ran = Promise<ExecutionResult | AsyncIterable<ExecutionResult>>;

/** What the engine throws in place of answering becomes an answer: nothing that a caller sends may end what others share. */
async function settle(run: () => Ran, maskError: (error: unknown) => GraphQLError): Ran {
  try {
    const result = await run();
    return isStream(result) ? guarded(result, maskError) : withoutHttpOf(result);
  } catch (error) {
    return { errors: [maskError(error)] };
  }
}

const isStream = (result: Awaited<Ran>): result is AsyncIterable<ExecutionResult> => Symbol.asyncIterator in result;

/** The same events; what their source throws is told as the last of them. */
function guarded(events: AsyncIterable<ExecutionResult>, maskError: (error: unknown) => GraphQLError): AsyncGenerator<ExecutionResult, void, void> {
  const source = events[Symbol.asyncIterator]();
  let over = false;
  const end = async (): Promise<IteratorReturnResult<undefined>> => { over = true; await source.return?.(); return { done: true, value: undefined }; };
  const self: AsyncGenerator<ExecutionResult, void, void> = {
    next: async () => {
      if (over) return { done: true, value: undefined };
      try {
        const next = await source.next();
        return next.done ? { done: true, value: undefined } : { done: false, value: withoutHttpOf(next.value) };
      } catch (error) {
        over = true;
        return { done: false, value: { errors: [maskError(error)] } };
      }
    },
    return: end, throw: end,
    [Symbol.asyncIterator]: () => self,
    [Symbol.asyncDispose]: async () => { await end(); },
  };
  return self;
}

const withoutHttpOf = (result: ExecutionResult): ExecutionResult => (result.errors ? { ...result, errors: result.errors.map(withoutHttp) } : result);
