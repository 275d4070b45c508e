/** An Aho-Corasick automaton: all patterns are looked for in one pass, whatever the chunks. */
interface Automaton {
  /** state * 256 + byte → next state */
  next: Map<number, number>;
  /** The state of the longest proper suffix that is a prefix of a pattern too. */
  fallback: number[];
  depth: number[];
  /** The length of the longest pattern that ends in this state; 0: none does. */
  found: number[];
  longest: number;
}

function createAutomaton(patterns: readonly Buffer[]): Automaton {
  const automaton: Automaton = { next: new Map(), fallback: [0], depth: [0], found: [0], longest: 0 };
  const { next, fallback, depth, found } = automaton;
  for (const pattern of patterns) {
    let state = 0;
    for (const byte of pattern) {
      let child = next.get(state * 256 + byte);
      if (child === undefined) {
        child = depth.length;
        next.set(state * 256 + byte, child);
        depth.push((depth[state] ?? 0) + 1);
        fallback.push(0);
        found.push(0);
      }
      state = child;
    }
    found[state] = pattern.length;
    automaton.longest = Math.max(automaton.longest, pattern.length);
  }
  // Insertion order visits a parent before its children, but a fallback may be deeper than a later-made state: go by depth.
  const edges = [...next].sort((a, b) => (depth[a[1]] ?? 0) - (depth[b[1]] ?? 0));
  for (const [key, child] of edges) {
    const parent = Math.floor(key / 256);
    const fall = parent === 0 ? 0 : step(automaton, fallback[parent] ?? 0, key % 256);
    fallback[child] = fall;
    found[child] ||= found[fall] ?? 0;
  }
  return automaton;
}

function step({ next, fallback }: Automaton, from: number, byte: number): number {
  for (let state = from; ; state = fallback[state] ?? 0) {
    const to = next.get(state * 256 + byte);
    if (to !== undefined) return to;
    if (state === 0) return 0;
  }
}

/** From how many base64 characters in a row on the end of a line is taken for a wrap and not for the end of a word. */
const WRAP_FROM = 32;

const isBase64 = new Uint8Array(256);
for (const char of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=') isBase64[char.charCodeAt(0)] = 1;
const isBlank = new Uint8Array(256);
for (const char of '\r\n\t ') isBlank[char.charCodeAt(0)] = 1;

interface Span { start: number; end: number }

/** Reads byte by byte and knows where patterns end and where one may have begun. */
interface Scanner {
  /** The longest pattern that ends with this byte. */
  take(byte: number): Span | null;
  /** No pattern that ends later starts before this position. */
  openFrom(): number;
  position(): number;
}

function createScanner(automaton: Automaton, wrapped: boolean): Scanner {
  const { depth, found, longest } = automaton;
  /** Positions of the last bytes that the automaton took, by their number: with `wrapped` they are not neighbours. */
  const positions = new Float64Array(longest + 1);
  let position = 0;
  let taken = 0;
  let state = 0;
  let run = 0;
  let skipping = false;
  const startOf = (length: number): number => length === 0 ? position : positions[(taken - length) % (longest + 1)] ?? 0;
  return {
    take(byte) {
      if (wrapped && isBlank[byte] && (skipping || ((byte === 10 || byte === 13) && run >= WRAP_FROM))) { skipping = true; position++; return null; }
      skipping = false;
      run = isBase64[byte] ? run + 1 : 0;
      positions[taken % (longest + 1)] = position++;
      taken++;
      state = step(automaton, state, byte);
      const length = found[state] ?? 0;
      return length === 0 ? null : { start: startOf(length), end: position };
    },
    openFrom: () => startOf(depth[state] ?? 0),
    position: () => position,
  };
}

export interface Matcher { write(chunk: Buffer): Buffer; end(): Buffer }

/**
 * Replaces every occurrence of the patterns in a stream; overlapping ones by one replacement. Holds back at most the longest pattern.
 * `wrapped`: a line break (and the next line's indent) after a long run of base64 does not end an occurrence.
 */
export function createMatcher(patterns: readonly Buffer[], replacement: string, { wrapped }: { wrapped: boolean }): Matcher {
  const scanner = createScanner(createAutomaton(patterns), wrapped);
  const marker = Buffer.from(replacement);
  let held: Buffer = Buffer.alloc(0);
  /** Position of the first byte of `held`. */
  let heldFrom = 0;
  /** Occurrences that were found and not given out, in order and apart from each other. */
  let occurrences: Span[] = [];
  /** Bytes before this position belong to an occurrence whose replacement is out. */
  let droppedTo = -1;

  const note = ({ start, end }: Span): void => {
    let from = start;
    while (occurrences.length > 0 && (occurrences.at(-1)?.end ?? 0) >= from) from = Math.min(from, occurrences.pop()?.start ?? from);
    occurrences.push({ start: from, end });
  };

  /** Gives out what no later byte can change: all before `limit`. */
  const giveOut = (limit: number): Buffer => {
    const parts: Buffer[] = [];
    let from = Math.max(heldFrom, Math.min(droppedTo, limit));
    for (const { start, end } of occurrences) {
      if (start >= limit) break;
      // One that continues what is already replaced needs no replacement of its own.
      if (start > droppedTo) parts.push(held.subarray(from - heldFrom, Math.max(start, from) - heldFrom), marker);
      droppedTo = end;
      from = Math.min(Math.max(end, from), limit);
    }
    occurrences = occurrences.filter(({ start }) => start >= limit);
    if (limit > from) parts.push(held.subarray(from - heldFrom, limit - heldFrom));
    held = held.subarray(limit - heldFrom);
    heldFrom = limit;
    return Buffer.concat(parts);
  };

  return {
    write(chunk) {
      held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      for (const byte of chunk) {
        const occurrence = scanner.take(byte);
        if (occurrence) note(occurrence);
      }
      return giveOut(scanner.openFrom());
    },
    end: () => giveOut(scanner.position()),
  };
}
