import { Kind } from 'graphql';
import type { DocumentNode, FragmentDefinitionNode, SelectionSetNode } from 'graphql';

export interface QuerySize {
  depth: number;
  aliases: number;
  roots: number;
  /** Fields that are asked of one object, the most. */
  breadth: number;
}

type SelectionSize = Omit<QuerySize, 'breadth'>;

/** An alias in introspection can list the whole schema once more: for nothing, and for nobody's account. It counts as so many. */
const INTROSPECTION_ALIAS = 10;

/** How deep a valid document goes, how many aliases it has, how many root fields, and how many fields of one object; fragments followed. How deep introspection goes is graphql's own to limit. */
export function measureQuery(document: DocumentNode): QuerySize {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions) if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  let breadth = 0;
  const known = new Map<string, SelectionSize>();
  // Each fragment is measured once: without this, fragments that spread two others each would take exponential time.
  const ofFragment = (name: string): SelectionSize => {
    const before = known.get(name);
    if (before) return before;
    const fragment = fragments.get(name);
    const size = fragment ? ofSelections(fragment.selectionSet) : { depth: 0, aliases: 0, roots: 0 };
    known.set(name, size);
    return size;
  };
  const ofSelections = (set: SelectionSetNode | undefined): SelectionSize => {
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
    breadth = Math.max(breadth, size.roots);
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
  return { ...total, breadth };
}
