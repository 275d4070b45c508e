import { GraphQLError } from 'graphql';

export type LimitName =
  | 'depth' | 'aliases' | 'roots' | 'breadth' | 'directives' | 'fragments' | 'repeats' | 'lists' | 'tokens' | 'nesting' | 'variables' | 'cost' | 'batch'
  | 'rate' | 'body' | 'subscriptions' | 'streams' | 'operations';

/** A limit that a request broke: which, by how much, and what to do. The status is for those who accept GraphQL's own media type, unless it is one of HTTP's own. */
export function limitExceeded(limit: LimitName, maximum: number, actual: number, message: string, http: { status: number; headers?: Record<string, string>; spec?: true } = { status: 400, spec: true }): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'LIMIT_EXCEEDED', limit, maximum, actual, http } });
}
