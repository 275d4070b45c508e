export interface VariablesSize {
  /** Values in all: entries of lists and objects, and what they have. */
  values: number;
  /** Entries of the longest list. */
  list: number;
  nesting: number;
}

/** How large the variables of a request are; without recursion, as they may be as deep as a body is long. */
export function measureVariables(variables: Record<string, unknown>): VariablesSize {
  const size: VariablesSize = { values: 0, list: 0, nesting: 0 };
  const open: { value: unknown; depth: number }[] = [{ value: variables, depth: 0 }];
  for (let next = open.pop(); next; next = open.pop()) {
    const { value, depth } = next;
    if (typeof value !== 'object' || value === null) continue;
    const inner: unknown[] = Object.values(value);
    size.values += inner.length;
    size.nesting = Math.max(size.nesting, depth);
    if (Array.isArray(value)) size.list = Math.max(size.list, value.length);
    for (const each of inner) open.push({ value: each, depth: depth + 1 });
  }
  return size;
}
