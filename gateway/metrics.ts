import { getOperationAST } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { ApiContext } from '../schema/context.ts';

export interface Metrics {
  registry: Registry;
  plugin: Plugin<ApiContext>;
  requests: Counter<'path' | 'status'>;
  sockets: Gauge;
}

/** What the gateway counts, for Prometheus. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const requests = new Counter({ name: 'slipway_http_requests_total', help: 'HTTP requests answered.', labelNames: ['path', 'status'] as const, registers });
  const sockets = new Gauge({ name: 'slipway_websockets', help: 'Open WebSockets.', registers });
  const operations = new Histogram({
    name: 'slipway_graphql_seconds', help: 'Time of GraphQL queries and mutations.', labelNames: ['kind', 'failed'] as const, registers,
    buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
  });
  const subscriptions = new Counter({ name: 'slipway_subscriptions_total', help: 'Subscriptions started.', registers });
  const plugin: Plugin<ApiContext> = {
    onExecute: ({ args }) => {
      const began = performance.now();
      const kind = getOperationAST(args.document, args.operationName)?.operation ?? 'query';
      return { onExecuteDone: ({ result }) => { operations.observe({ kind, failed: 'errors' in result && result.errors?.length ? 'yes' : 'no' }, (performance.now() - began) / 1000); } };
    },
    onSubscribe: () => { subscriptions.inc(); },
  };
  return { registry, plugin, requests, sockets };
}
