import { complexityFromQuery } from '@pothos/plugin-complexity';
import { Kind } from 'graphql';
import type { DocumentNode, GraphQLSchema } from 'graphql';

/** What one operation of a document costs: a point a field, times as often as its lists may have it. Introspection is free. */
export function complexityOf(schema: GraphQLSchema, document: DocumentNode, variables: Record<string, unknown>, ctx: object, operationName?: string | null): number {
  const definitions = document.definitions.filter((node) => node.kind !== Kind.OPERATION_DEFINITION || operationName == null || node.name?.value === operationName);
  const operations = definitions.flatMap((node) => (node.kind === Kind.OPERATION_DEFINITION ? [node] : []));
  const onlyIntrospection = operations.every(({ selectionSet }) => selectionSet.selections.every((node) => node.kind === Kind.FIELD && node.name.value.startsWith('__')));
  if (onlyIntrospection) return 0;
  return complexityFromQuery({ ...document, definitions }, { schema, variables, ctx }).complexity;
}
