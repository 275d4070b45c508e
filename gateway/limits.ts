import { GraphQLError } from 'graphql';
import type { DocumentNode } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { complexityOf } from '../schema/complexity.ts';
import type { Purses } from './budget.ts';
import { costOf, withCost } from './cost.ts';
import type { Cost, OperationContext } from './cost.ts';
import { limitExceeded } from './limit-exceeded.ts';
import type { LimitName } from './limit-exceeded.ts';
import { measureParts } from './measure-parts.ts';
import { measureQuery } from './measure-query.ts';
import { countNesting, countTokens, hasMoreBrackets } from './measure-text.ts';
import { measureVariables } from './measure-variables.ts';

/** What a document, its variables and a batch may have at most. */
export type Limits = Record<'depth' | 'aliases' | 'roots' | 'breadth' | 'directives' | 'fragments' | 'repeats' | 'lists' | 'tokens' | 'nesting' | 'variables' | 'cost' | 'batch', number>;

export const defaultLimits: Limits = { depth: 15, aliases: 50, roots: 20, breadth: 100, directives: 50, fragments: 50, repeats: 50, lists: 1_000, tokens: 4_000, nesting: 100, variables: 5_000, cost: 10_000, batch: 10 };

/** Refuses what is too long, deep, wide or costly before it is run, and tells each answer's cost. */
export function useLimits(limits: Limits, purses: Purses): Plugin<object, OperationContext> {
  // Documents are remembered by Yoga; so is what is found in them.
  const measured = new WeakMap<DocumentNode, GraphQLError[]>();
  return {
    onParse: ({ params }) => {
      refuseText(typeof params.source === 'string' ? params.source : params.source.body, limits);
    },
    onValidate: ({ params, setResult }) => {
      const document = params.documentAST as DocumentNode;
      const before = measured.get(document) ?? partErrors(document, limits);
      measured.set(document, before);
      if (before.length > 0) { setResult(before); return; }
      return ({ valid, setResult: setErrors }) => {
        // Only a valid document is measured as a whole: its fragments are known to have no cycle.
        if (!valid) return;
        const errors = sizeErrors(document, limits);
        if (errors.length > 0) setErrors(errors);
      };
    },
    onExecute: ({ args, setResultAndStopExecution }) => {
      const { cost, refused } = charge(args, limits, purses);
      if (refused) { setResultAndStopExecution(withCost({ errors: [refused] }, cost)); return; }
      return { onExecuteDone: ({ result, setResult }) => { if (!(Symbol.asyncIterator in result)) setResult(withCost(result, cost)); } };
    },
    onSubscribe: ({ args, setResultAndStopExecution }) => {
      const ctx = args.contextValue as unknown as OperationContext;
      const { cost, refused = noStream(ctx) } = charge(args, limits, purses);
      if (refused) { setResultAndStopExecution(withCost({ errors: [refused] }, cost)); return; }
      let first = true;
      return {
        onSubscribeResult: ({ result, setResult }) => {
          if (!(Symbol.asyncIterator in result)) { setResult(withCost(result, cost)); return; }
          // The first event bears what the subscription cost; the later ones cost nothing more.
          return { onNext: ({ result: event, setResult: setEvent }) => { setEvent(withCost(event, first ? cost : costOf(0, purses.spend(ctx.receipt.payer, 0)))); first = false; } };
        },
      };
    },
  };
}

/** What would take a parser long, or too deep for its stack. */
function refuseText(query: string, limits: Limits): void {
  // A token has one character at least: what is shorter need not be counted.
  const tokens = query.length > limits.tokens ? countTokens(query) : 0;
  if (tokens > limits.tokens) throw limitExceeded('tokens', limits.tokens, tokens, `The query has ${tokens} tokens; at most ${limits.tokens} are allowed.`);
  const nesting = hasMoreBrackets(query, limits.nesting) ? countNesting(query) : 0;
  if (nesting > limits.nesting) throw limitExceeded('nesting', limits.nesting, nesting, `Brackets in the query are ${nesting} levels deep; at most ${limits.nesting} are allowed.`);
}

type Check = (limit: keyof Limits & LimitName, actual: number, message: string) => GraphQLError[];

const checkIn = (limits: Limits): Check => (limit, actual, message) => (actual > limits[limit] ? [limitExceeded(limit, limits[limit], actual, `${message}; at most ${limits[limit]} are allowed.`)] : []);

/** What would take a validator long. */
function partErrors(document: DocumentNode, limits: Limits): GraphQLError[] {
  const { directives, fragments, list, selections, repeats } = measureParts(document);
  const check = checkIn(limits);
  return [
    ...check('breadth', selections, `The query asks for ${selections} fields of one object`),
    ...check('directives', directives, `The query has ${directives} directives`),
    ...check('fragments', fragments, `The query has ${fragments} fragments`),
    ...check('repeats', repeats, `The query repeats ${repeats} fields where they stand already`),
    ...check('lists', list, `A list in the query has ${list} entries`),
  ];
}

/** What would take an executor long. */
function sizeErrors(document: DocumentNode, limits: Limits): GraphQLError[] {
  const { depth, aliases, roots, breadth } = measureQuery(document);
  const check = checkIn(limits);
  return [
    ...check('depth', depth, `The query is ${depth} levels deep`),
    ...check('aliases', aliases, `The query has ${aliases} aliases`),
    ...check('roots', roots, `The query asks for ${roots} root fields`),
    ...check('breadth', breadth, `The query asks for ${breadth} fields of one object`),
  ];
}

interface Operation { schema: Parameters<typeof complexityOf>[0]; document: DocumentNode; variableValues?: unknown; operationName?: string | null; contextValue?: unknown }

/** Takes the cost out of the caller's purse; a batch may cost as much as one operation. */
function charge(args: Operation, limits: Limits, purses: Purses): { cost: Cost; refused?: GraphQLError } {
  const ctx = args.contextValue as OperationContext;
  const { payer } = ctx.receipt;
  const free = (refused: GraphQLError, requested = 0): { cost: Cost; refused: GraphQLError } => ({ cost: costOf(requested, purses.spend(payer, 0)), refused });
  const variables = (args.variableValues ?? {}) as Record<string, unknown>;
  const tooMuch = variablesError(variables, limits);
  if (tooMuch) return free(tooMuch);
  let requested: number;
  try {
    requested = complexityOf(args.schema, args.document, variables, ctx, args.operationName);
  } catch (error) {
    // A variable that an argument does not take: the caller's mistake.
    if (error instanceof GraphQLError && !error.originalError) return free(new GraphQLError(error.message, { nodes: error.nodes, extensions: { code: 'INVALID_INPUT', http: { status: 400, spec: true }, ...error.extensions } }));
    throw error;
  }
  const sum = ctx.receipt.charged + requested;
  if (sum > limits.cost) return free(limitExceeded('cost', limits.cost, sum, `The ${ctx.receipt.isBatch ? 'batch' : 'query'} costs ${sum}; at most ${limits.cost} is allowed. Ask for fewer nodes at once.`), requested);
  const budget = purses.spend(payer, requested);
  const cost = costOf(requested, budget);
  if (budget.ok) { ctx.receipt.charged = sum; return { cost }; }
  const headers = { 'retry-after': String(Math.max(1, Math.ceil((budget.resetAt.getTime() - Date.now()) / 1000))) };
  return { cost, refused: limitExceeded('rate', budget.remaining, requested, `The query costs ${requested}, and this key has ${budget.remaining} left; it is full again at ${cost.resetAt}.`, { status: 429, headers }) };
}

function variablesError(variables: Record<string, unknown>, limits: Limits): GraphQLError | null {
  const { values, list, nesting } = measureVariables(variables);
  if (values > limits.variables) return limitExceeded('variables', limits.variables, values, `The variables have ${values} values; at most ${limits.variables} are allowed.`);
  if (list > limits.lists) return limitExceeded('lists', limits.lists, list, `A list in the variables has ${list} entries; at most ${limits.lists} are allowed.`);
  if (nesting > limits.nesting) return limitExceeded('nesting', limits.nesting, nesting, `The variables are ${nesting} levels deep; at most ${limits.nesting} are allowed.`);
  return null;
}

/** Why a subscription cannot be answered here. */
function noStream({ receipt }: OperationContext): GraphQLError | undefined {
  if (receipt.isBatch) return new GraphQLError('A subscription cannot be in a batch.', { extensions: { code: 'INVALID_INPUT', http: { status: 400, spec: true } } });
  if (!receipt.mayStream) return new GraphQLError('A subscription is answered as a stream: send "accept: text/event-stream", or use a WebSocket.', { extensions: { code: 'INVALID_INPUT', http: { status: 406 } } });
  return undefined;
}
