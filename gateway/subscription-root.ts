import { GraphQLError, Kind } from 'graphql';
import type { ASTVisitor, OperationDefinitionNode, SelectionNode, SelectionSetNode, ValidationContext } from 'graphql';
import type { Plugin } from 'graphql-yoga';

/** Refuses a subscription whose one field may be left out by a condition, as the specification has it since 2025: there would be nothing to subscribe to. */
export function useSubscriptionRoot(): Plugin {
  return { onValidate: ({ addValidationRule }) => { addValidationRule(UnconditionalSubscription); } };
}

function UnconditionalSubscription(context: ValidationContext): ASTVisitor {
  return {
    OperationDefinition: (operation: OperationDefinitionNode) => {
      if (operation.operation !== 'subscription') return;
      for (const node of rootSelections(operation.selectionSet, context, new Set())) {
        const condition = node.directives?.find(({ name }) => name.value === 'skip' || name.value === 'include');
        if (condition) context.reportError(new GraphQLError(`The field of a subscription cannot have a condition: leave out "@${condition.name.value}".`, { nodes: condition }));
      }
    },
  };
}

/** All selections that give root fields, fragments followed. */
function* rootSelections(set: SelectionSetNode, context: ValidationContext, seen: Set<string>): Generator<SelectionNode, void, void> {
  for (const node of set.selections) {
    yield node;
    if (node.kind === Kind.INLINE_FRAGMENT) yield* rootSelections(node.selectionSet, context, seen);
    if (node.kind !== Kind.FRAGMENT_SPREAD || seen.has(node.name.value)) continue;
    seen.add(node.name.value);
    const fragment = context.getFragment(node.name.value);
    if (fragment) yield* rootSelections(fragment.selectionSet, context, seen);
  }
}
