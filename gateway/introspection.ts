import { GraphQLError } from 'graphql';
import type { ASTVisitor, FieldNode, ValidationContext } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { errorWith } from './error-with.ts';

/** Refuses to tell the schema, and says nothing in other errors that would tell it name by name. */
export function useNoIntrospection(): Plugin {
  return {
    onValidate: ({ addValidationRule }) => {
      addValidationRule(NoIntrospection);
      return ({ result, setResult }) => { setResult((result as GraphQLError[]).map(withoutSuggestion)); };
    },
  };
}

function NoIntrospection(context: ValidationContext): ASTVisitor {
  return {
    Field: (node: FieldNode) => {
      if (node.name.value !== '__schema' && node.name.value !== '__type') return;
      context.reportError(new GraphQLError('Introspection is switched off on this platform; its schema is in schema/schema.graphql of its release.', { nodes: node, extensions: { code: 'INTROSPECTION_OFF' } }));
    },
  };
}

/** The same error without "Did you mean …?". */
export function withoutSuggestion(error: GraphQLError): GraphQLError {
  const message = error.message.replace(/ Did you mean [^]*\?$/, '');
  return message === error.message ? error : errorWith(error, { message });
}
