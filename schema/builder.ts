import SchemaBuilder from '@pothos/core';
import ComplexityPlugin from '@pothos/plugin-complexity';
import ErrorsPlugin from '@pothos/plugin-errors';
import PrismaPlugin from '@pothos/plugin-prisma';
import RelayPlugin from '@pothos/plugin-relay';
import { GraphQLError } from 'graphql';
import type PrismaTypes from '../prisma/generated/pothos-types.ts';
import { getDatamodel } from '../prisma/generated/pothos-types.ts';
import type { ApiContext } from './context.ts';

// A type, not an interface: Pothos wants an index signature.
type Scalars = {
  ID: { Input: string; Output: string };
  DateTime: { Input: Date; Output: Date };
  Cursor: { Input: string; Output: string };
  ByteCount: { Input: number; Output: number | bigint };
};

/** The one schema builder; each noun's file adds its types, queries, mutations and subscriptions. */
export const builder = new SchemaBuilder<{
  DefaultFieldNullability: false; DefaultEdgesNullability: { list: false; items: false }; DefaultNodeNullability: false; Context: ApiContext; PrismaTypes: PrismaTypes; Scalars: Scalars;
}>({
  defaultFieldNullability: false,
  plugins: [ErrorsPlugin, RelayPlugin, PrismaPlugin, ComplexityPlugin],
  errors: { directResult: true },
  relay: {
    clientMutationId: 'omit', cursorType: 'String',
    nodesOnConnection: { description: 'The nodes of this page.', complexity: { field: 0, multiplier: 1 } },
    // Ids are the rows' own (UUIDs are global as they are): the same in API, logs, files and git's output. schema/node.ts finds the type.
    encodeGlobalID: (_type, id) => String(id),
    decodeGlobalID: (id) => ({ id, typename: 'Node' }),
    nodeQueryOptions: false, nodesQueryOptions: false,
    nodeTypeOptions: { description: 'Whatever has an id.' },
    idFieldOptions: { description: 'Its id; stays the same for ever.' },
    pageInfoTypeOptions: { description: 'Where a page lies in its list.' },
    hasNextPageFieldOptions: { description: 'Whether there are more after this page.' },
    hasPreviousPageFieldOptions: { description: 'Whether there are more before this page.' },
    startCursorFieldOptions: { description: 'The cursor of the page\'s first node.' },
    endCursorFieldOptions: { description: 'The cursor of the page\'s last node; send it as `after` for the next page.' },
    pageInfoFieldOptions: { description: 'Where this page lies in the list.', nullable: false },
    cursorFieldOptions: { description: 'The node\'s place in the list, opaque.' },
    edgesFieldOptions: { description: 'The nodes with their cursors.', nullable: { list: false, items: false }, complexity: { field: 0, multiplier: 1 } },
    nodeFieldOptions: { description: 'The node.', nullable: false },
    firstArgOptions: { description: 'How many at most, from the start; 20 if not said, 100 at most.' },
    lastArgOptions: { description: 'How many at most, from the end.' },
    afterArgOptions: { description: 'Only what comes after this cursor.' },
    beforeArgOptions: { description: 'Only what comes before this cursor.' },
    defaultConnectionTypeOptions: { description: 'A page of a list.' },
    defaultEdgeTypeOptions: { description: 'A node with its place in the list.' },
  },
  prisma: {
    client: (ctx) => ctx.platform.db, dmmf: getDatamodel(), onUnusedQuery: 'warn', defaultConnectionSize: 20, maxConnectionSize: 100,
  },
  complexity: { defaultComplexity: 1, defaultListMultiplier: 4 },
});

/** What a connection costs: one, and its nodes as often as it may have them. */
export const connectionCost = (args: { first?: number | null; last?: number | null }): { field: number; multiplier: number } =>
  ({ field: 1, multiplier: Math.min(args.first ?? args.last ?? 20, 100) });

/** What people send wrong in a scalar or argument. */
export const badInput = (message: string): GraphQLError => new GraphQLError(message, { extensions: { code: 'INVALID_INPUT' } });

const DATE_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;

builder.scalarType('DateTime', {
  description: 'A moment as RFC 3339 writes it, with milliseconds, in UTC: `2026-01-31T12:00:00.000Z`.',
  serialize: (value) => value.toISOString(),
  parseValue: (value) => {
    const date = typeof value === 'string' && DATE_TIME.test(value) ? new Date(value) : new Date(NaN);
    // The database knows no year 0.
    const year = date.getUTCFullYear();
    if (!(year >= 1 && year <= 9999)) throw badInput(`This is no moment: ${JSON.stringify(value)}. Write it as 2026-01-31T12:00:00Z.`);
    return date;
  },
});

builder.scalarType('Cursor', {
  description: 'A place in a list or stream, opaque: send back what you were given.',
  serialize: (value) => value,
  parseValue: (value) => {
    if (typeof value !== 'string' || value.length > 500) throw badInput('This is no cursor: send back one that you were given.');
    return value;
  },
});

builder.scalarType('ByteCount', {
  description: 'A number of bytes, whole, up to 2^53.',
  serialize: (value) => Number(value),
  parseValue: (value) => {
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw badInput(`This is no number of bytes: ${JSON.stringify(value)}.`);
    return value;
  },
});

builder.queryType({ description: 'What can be asked.' });
builder.mutationType({ description: 'What can be done. Each answer is a union of its payload and the errors it can really give.' });
builder.subscriptionType({ description: 'What can be followed live, over WebSocket (graphql-transport-ws) or SSE.' });
