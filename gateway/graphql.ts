import type { GraphQLError } from 'graphql';
import { createYoga } from 'graphql-yoga';
import type { YogaServerInstance } from 'graphql-yoga';
import { schema } from '../schema/schema.ts';
import type { Purses } from './budget.ts';
import { useCostOfRefusals } from './cost.ts';
import type { OperationContext } from './cost.ts';
import { createDocumentCache } from './document-cache.ts';
import { useNoIntrospection } from './introspection.ts';
import { defaultLimits, useLimits } from './limits.ts';
import type { Limits } from './limits.ts';
import type { Metrics } from './metrics.ts';
import type { DocumentSource } from './persisted-documents.ts';
import { useRequestParams } from './request-params.ts';
import { useSubscriptionRoot } from './subscription-root.ts';
import { traceOperations } from './trace-operations.ts';

export type Api = YogaServerInstance<OperationContext, object>;

export interface ApiOptions {
  metrics: Metrics; purses: Purses; documents: DocumentSource; maskError: (error: unknown) => GraphQLError;
  limits?: Partial<Limits>;
  /** False: the schema is not told. */
  introspection: boolean;
}

/** The GraphQL engine: the same one behind POST, GET, SSE and WebSocket. Its context is made by who calls it. */
export function createApi({ metrics, purses, documents, maskError, limits, introspection }: ApiOptions): Api {
  const all = { ...defaultLimits, ...limits };
  return createYoga<OperationContext>({
    // What stands before it knows of browsers: it answers them GraphiQL, and other origins' pages.
    schema, graphqlEndpoint: '/graphql', landingPage: false, logging: false, multipart: false, cors: false, graphiql: false,
    // Whether a batch is too long is told by useRequestParams, as every other limit is.
    batching: { limit: all.batch },
    // Yoga's own count documents, not what they take.
    parserAndValidationCache: { documentCache: createDocumentCache(), errorCache: createDocumentCache() },
    maskedErrors: { maskError },
    plugins: [useRequestParams(documents, all.batch), useSubscriptionRoot(), ...(introspection ? [] : [useNoIntrospection()]), useLimits(all, purses), useCostOfRefusals(purses), metrics.plugin, traceOperations()],
  });
}
