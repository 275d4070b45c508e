import { visit } from 'graphql';
import type { DocumentNode } from 'graphql';

export interface DocumentParts {
  directives: number;
  fragments: number;
  /** Entries of the longest list. */
  list: number;
  /** Selections of the longest set, as it is written. */
  selections: number;
}

/** How many of what takes a validator long are written in a document, valid or not: it compares each field of a set with each other. */
export function measureParts(document: DocumentNode): DocumentParts {
  const parts: DocumentParts = { directives: 0, fragments: 0, list: 0, selections: 0 };
  visit(document, {
    Directive: () => { parts.directives++; },
    FragmentDefinition: () => { parts.fragments++; },
    SelectionSet: ({ selections }) => { parts.selections = Math.max(parts.selections, selections.length); },
    ListValue: ({ values }) => { parts.list = Math.max(parts.list, values.length); },
  });
  return parts;
}
