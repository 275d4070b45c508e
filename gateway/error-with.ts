import { GraphQLError } from 'graphql';

/** The same error at the same place, with another message or other extensions: a GraphQLError is not changed. */
export function errorWith(error: GraphQLError, { message = error.message, extensions = error.extensions }: Partial<Pick<GraphQLError, 'message' | 'extensions'>>): GraphQLError {
  const { nodes, source, positions, path, originalError } = error;
  return new GraphQLError(message, { nodes, source, positions, path, originalError, extensions });
}

/** How an error is told over HTTP is nothing to tell where there is none, or where the answer has data all the same. */
export function withoutHttp(error: GraphQLError): GraphQLError {
  if (!error.extensions?.http) return error;
  const { http: _, ...extensions } = error.extensions;
  return errorWith(error, { extensions });
}
