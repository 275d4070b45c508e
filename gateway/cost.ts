import type { Plugin } from 'graphql-yoga';
import type { ExecutionResult, GraphQLError } from 'graphql';
import type { Actor } from '../platform/access.ts';
import type { ApiContext } from '../schema/context.ts';
import type { Budget, Purses } from './budget.ts';
import { errorWith, withoutHttp } from './error-with.ts';

/** What `extensions.cost` of each answer says: what it has cost, and what its key has left. */
export interface Cost { requested: number; remaining: number; resetAt: string }

/** What an operation runs with: the API's context, and what was charged for this request so far. */
export interface OperationContext extends ApiContext {
  receipt: Receipt;
}

export interface Receipt {
  /** Whose purse pays. */
  payer: string;
  /** Points charged: of all operations of a batch together. */
  charged: number;
  /** Whether the request is one of many in a batch. */
  isBatch: boolean;
  /** Whether its answer can be a stream of events. */
  mayStream: boolean;
}

export const newReceipt = (payer: string, mayStream: boolean): Receipt => ({ payer, charged: 0, isBatch: false, mayStream });

export const costOf = (requested: number, { remaining, resetAt }: Budget): Cost => ({ requested, remaining, resetAt: resetAt.toISOString() });

/** Whose purse pays: that of a key or a session; of who has none, that of where they come from. */
export const payerOf = (actor: Actor | null, address: string | null): string => actor?.apiKeyId ?? actor?.sessionId ?? actor?.userId ?? `nobody at ${address}`;

/** The same for those who read headers: `RateLimit` and `RateLimit-Policy` of the IETF's draft, of which the three older ones are a part that was given up, and what this answer cost. */
export function costHeaders(purses: Purses, payer: string, charged: number): Record<string, string> {
  const { remaining, resetAt } = purses.spend(payer, 0);
  const seconds = Math.max(0, Math.ceil((resetAt.getTime() - Date.now()) / 1000));
  return { 'ratelimit-policy': `"cost";q=${Math.floor(purses.capacity)};w=60`, ratelimit: `"cost";r=${remaining};t=${seconds}`, 'slipway-cost': String(charged) };
}

/** Tells the cost also in answers that were refused before they were run, which cost nothing; and makes their status the specification's. */
export function useCostOfRefusals(purses: Purses): Plugin<object, OperationContext> {
  return {
    onResultProcess: ({ result, setResult, serverContext }) => {
      if (Symbol.asyncIterator in result) return;
      const tell = (one: ExecutionResult): ExecutionResult => withStatus('cost' in (one.extensions ?? {}) ? one : withCost(one, costOf(0, purses.spend(serverContext.receipt.payer, 0))));
      setResult(Array.isArray(result) ? (result as ExecutionResult[]).map(tell) : tell(result as ExecutionResult));
    },
  };
}

export const withCost = <R extends ExecutionResult>(result: R, cost: Cost): R => ({ ...result, extensions: { ...result.extensions, cost } });

/** The cost for a transport that has room for errors alone, as a WebSocket's `error`: in the first of them. */
export function errorsWithCost([first, ...others]: readonly GraphQLError[], cost: Cost): readonly GraphQLError[] {
  return first ? [errorWith(first, { extensions: { ...first.extensions, cost } }), ...others] : [];
}

/** An answer with data is a success, whatever failed beside it. */
function withStatus(result: ExecutionResult): ExecutionResult {
  return result.data == null || !result.errors ? result : { ...result, errors: result.errors.map(withoutHttp) };
}
