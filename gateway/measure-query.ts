import { GraphQLError, Kind, Lexer, Source, TokenKind } from 'graphql';
import type { DocumentNode, FragmentDefinitionNode, SelectionSetNode } from 'graphql';

export interface QuerySize { depth: number; aliases: number; roots: number }

/** An alias in introspection can list the whole schema once more: for nothing, and for nobody's account. It counts as so many. */
const INTROSPECTION_ALIAS = 10;

/** How deep a valid document goes, how many aliases it has and how many root fields, fragments followed. How deep introspection goes is graphql's own to limit. */
export function measureQuery(document: DocumentNode): QuerySize {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions) if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  const known = new Map<string, QuerySize>();
  // Each fragment is measured once: without this, fragments that spread two others each would take exponential time.
  const ofFragment = (name: string): QuerySize => {
    const before = known.get(name);
    if (before) return before;
    const fragment = fragments.get(name);
    const size = fragment ? ofSelections(fragment.selectionSet) : { depth: 0, aliases: 0, roots: 0 };
    known.set(name, size);
    return size;
  };
  const ofSelections = (set: SelectionSetNode | undefined): QuerySize => {
    const size = { depth: 0, aliases: 0, roots: 0 };
    for (const node of set?.selections ?? []) {
      if (node.kind === Kind.FIELD) {
        if (node.name.value === '__typename') continue;
        const inner = ofSelections(node.selectionSet);
        const introspects = node.name.value.startsWith('__');
        if (!introspects) size.depth = Math.max(size.depth, 1 + inner.depth);
        size.aliases += (introspects ? INTROSPECTION_ALIAS : 1) * (inner.aliases + (node.alias ? 1 : 0));
        size.roots++;
        continue;
      }
      const inner = node.kind === Kind.FRAGMENT_SPREAD ? ofFragment(node.name.value) : ofSelections(node.selectionSet);
      size.depth = Math.max(size.depth, inner.depth);
      size.aliases += inner.aliases;
      size.roots += inner.roots;
    }
    return size;
  };
  const total = { depth: 0, aliases: 0, roots: 0 };
  for (const node of document.definitions) {
    if (node.kind !== Kind.OPERATION_DEFINITION) continue;
    const size = ofSelections(node.selectionSet);
    total.depth = Math.max(total.depth, size.depth);
    total.aliases += size.aliases;
    total.roots = Math.max(total.roots, size.roots);
  }
  return total;
}

/** Tokens of a document, comments not counted; counts on to the end, so that a refusal can say by how much it is too long. Throws GraphQLError for what is no token. */
export function countTokens(query: string): number {
  const lexer = new Lexer(new Source(query));
  let count = 0;
  while (lexer.advance().kind !== TokenKind.EOF) count++;
  return count;
}

/** A limit that a request broke: which, by how much, and what to do. */
export function limitExceeded(limit: 'depth' | 'aliases' | 'roots' | 'tokens' | 'cost' | 'rate' | 'subscriptions', maximum: number, actual: number, message: string, http: { status: number; headers?: Record<string, string> } = { status: 400 }): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'LIMIT_EXCEEDED', limit, maximum, actual, http } });
}
