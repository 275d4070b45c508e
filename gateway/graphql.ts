import { createYoga } from 'graphql-yoga';
import type { YogaServerInstance } from 'graphql-yoga';
import type { ApiContext } from '../schema/context.ts';
import { schema } from '../schema/schema.ts';
import type { Logger } from '../service/log.ts';
import { createPurses } from './budget.ts';
import { exampleQuery } from './example-query.ts';
import { defaultLimits, useLimits } from './limits.ts';
import type { Limits } from './limits.ts';
import { maskError } from './mask-error.ts';
import type { Metrics } from './metrics.ts';

export type Api = YogaServerInstance<ApiContext, object>;

export interface ApiOptions { log: Logger; metrics: Metrics; limits?: Partial<Limits>; costPerMinute: number }

/** The GraphQL engine: the same one behind POST, GET, SSE and WebSocket. Its context is made by who calls it. */
export function createApi({ log, metrics, limits, costPerMinute }: ApiOptions): Api {
  return createYoga<ApiContext>({
    schema, graphqlEndpoint: '/graphql', landingPage: false, logging: false, batching: false, multipart: false,
    // No other site's page may call the API from a browser; a dashboard is served from the same origin.
    cors: false,
    maskedErrors: { maskError: maskError(log) },
    graphiql: { title: 'Slipway', defaultQuery: exampleQuery, defaultEditorToolsVisibility: 'headers' },
    // Yoga's own page loads its parts from a CDN; this one holds them, and is read when somebody asks for it.
    renderGraphiQL: async (options) => (await import('@graphql-yoga/render-graphiql')).renderGraphiQL(options),
    plugins: [useLimits({ ...defaultLimits, ...limits }, createPurses(costPerMinute)), metrics.plugin],
  });
}
