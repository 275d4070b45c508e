import { Kind, visit } from 'graphql';
import type { DocumentNode, SelectionSetNode } from 'graphql';

export interface DocumentParts {
  directives: number;
  fragments: number;
  /** Entries of the longest list. */
  list: number;
  /** Selections of the longest set, as it is written. */
  selections: number;
  /** Fields that are written once more where they stand already. */
  repeats: number;
}

/** How many of what takes a validator long are written in a document, valid or not: it compares each field of a set with each other of that name, and all that is in them. */
export function measureParts(document: DocumentNode): DocumentParts {
  const parts: DocumentParts = { directives: 0, fragments: 0, list: 0, selections: 0, repeats: 0 };
  visit(document, {
    Directive: () => { parts.directives++; },
    FragmentDefinition: ({ selectionSet }) => { parts.fragments++; parts.repeats += repeatsIn(selectionSet); },
    OperationDefinition: ({ selectionSet }) => { parts.repeats += repeatsIn(selectionSet); },
    SelectionSet: ({ selections }) => { parts.selections = Math.max(parts.selections, selections.length); },
    ListValue: ({ values }) => { parts.list = Math.max(parts.list, values.length); },
  });
  return parts;
}

/** What a set has twice, here and in what it holds; each type of a union may have a field of the same name. */
function repeatsIn(set: SelectionSetNode, type = '', seen = new Set<string>()): number {
  let repeats = 0;
  for (const node of set.selections) {
    if (node.kind === Kind.INLINE_FRAGMENT) repeats += repeatsIn(node.selectionSet, node.typeCondition?.name.value ?? type, seen);
    if (node.kind !== Kind.FIELD) continue;
    const key = `${type} ${(node.alias ?? node.name).value}`;
    if (seen.has(key)) repeats++; else seen.add(key);
    if (node.selectionSet) repeats += repeatsIn(node.selectionSet);
  }
  return repeats;
}
