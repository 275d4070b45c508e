import { complexityOf } from '../schema/complexity.ts';
import type { DocumentNode, GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { ApiContext } from '../schema/context.ts';
import type { Budget, Purses } from './budget.ts';
import { countTokens, limitExceeded, measureQuery } from './measure-query.ts';

export interface Limits { depth: number; aliases: number; roots: number; tokens: number; cost: number }

export const defaultLimits: Limits = { depth: 15, aliases: 50, roots: 20, tokens: 4_000, cost: 10_000 };

/** Refuses what is too long, deep, wide or costly before it is run, and tells each answer's cost. */
export function useLimits(limits: Limits, purses: Purses): Plugin<ApiContext> {
  const measured = new WeakMap<DocumentNode, GraphQLError[]>();
  return {
    onParse: ({ params }) => {
      const query = typeof params.source === 'string' ? params.source : params.source.body;
      // A token has one character at least: what is shorter need not be counted.
      if (query.length <= limits.tokens) return;
      const tokens = countTokens(query);
      if (tokens > limits.tokens) throw limitExceeded('tokens', limits.tokens, tokens, `The query has ${tokens} tokens; at most ${limits.tokens} are allowed.`);
    },
    onValidate: ({ params }) => ({ valid, setResult }) => {
      // Only a valid document is measured: its fragments are known to have no cycle.
      if (!valid) return;
      const document = params.documentAST as DocumentNode;
      const errors = measured.get(document) ?? sizeErrors(document, limits);
      measured.set(document, errors);
      if (errors.length > 0) setResult(errors);
    },
    onExecute: ({ args, setResultAndStopExecution }) => {
      const verdict = charge(args, limits, purses);
      if ('refused' in verdict) { setResultAndStopExecution({ errors: [verdict.refused], extensions: { cost: verdict.cost } }); return; }
      return {
        onExecuteDone: ({ result, setResult }) => {
          if (!(Symbol.asyncIterator in result)) setResult({ ...result, extensions: { ...result.extensions, cost: verdict.cost } });
        },
      };
    },
    onSubscribe: ({ args, setResultAndStopExecution }) => {
      const verdict = charge(args, limits, purses);
      if ('refused' in verdict) setResultAndStopExecution({ errors: [verdict.refused], extensions: { cost: verdict.cost } });
    },
  };
}

function sizeErrors(document: DocumentNode, limits: Limits): GraphQLError[] {
  const { depth, aliases, roots } = measureQuery(document);
  return [
    ...(depth > limits.depth ? [limitExceeded('depth', limits.depth, depth, `The query is ${depth} levels deep; at most ${limits.depth} are allowed.`)] : []),
    ...(aliases > limits.aliases ? [limitExceeded('aliases', limits.aliases, aliases, `The query has ${aliases} aliases; at most ${limits.aliases} are allowed.`)] : []),
    ...(roots > limits.roots ? [limitExceeded('roots', limits.roots, roots, `The query asks for ${roots} root fields; at most ${limits.roots} are allowed.`)] : []),
  ];
}

interface Operation { schema: Parameters<typeof complexityOf>[0]; document: DocumentNode; variableValues?: unknown; operationName?: string | null; contextValue?: unknown }

function charge(args: Operation, limits: Limits, purses: Purses): { cost: CostExtension; refused: GraphQLError } | { cost: CostExtension } {
  const ctx = args.contextValue as ApiContext;
  const requested = complexityOf(args.schema, args.document, (args.variableValues ?? {}) as Record<string, unknown>, ctx, args.operationName);
  const owner = ctx.actor?.apiKeyId ?? ctx.actor?.sessionId ?? 'nobody';
  if (requested > limits.cost) {
    const cost = extension(requested, purses.spend(owner, 0));
    return { cost, refused: limitExceeded('cost', limits.cost, requested, `The query costs ${requested}; at most ${limits.cost} is allowed. Ask for fewer nodes at once.`) };
  }
  const budget = purses.spend(owner, requested);
  const cost = extension(requested, budget);
  if (budget.ok) return { cost };
  const headers = { 'retry-after': String(Math.max(1, Math.ceil((budget.resetAt.getTime() - Date.now()) / 1000))) };
  return { cost, refused: limitExceeded('rate', budget.remaining, requested, `The query costs ${requested}, and this key has ${budget.remaining} left; it is full again at ${cost.resetAt}.`, { status: 429, headers }) };
}

interface CostExtension { requested: number; remaining: number; resetAt: string }

const extension = (requested: number, { remaining, resetAt }: Budget): CostExtension => ({ requested, remaining, resetAt: resetAt.toISOString() });
