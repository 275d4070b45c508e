import { Lexer, Source, TokenKind } from 'graphql';

/** Tokens of a document, comments not counted; counts on to the end, so that a refusal can say by how much it is too long. Throws GraphQLError for what is no token. */
export function countTokens(query: string): number {
  const lexer = new Lexer(new Source(query));
  let count = 0;
  while (lexer.advance().kind !== TokenKind.EOF) count++;
  return count;
}

const OPENS: ReadonlySet<string> = new Set([TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L]);
const CLOSES: ReadonlySet<string> = new Set([TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R]);

/** How deep brackets are in one another; not those in strings and comments. Throws GraphQLError for what is no token. */
export function countNesting(query: string): number {
  const lexer = new Lexer(new Source(query));
  let depth = 0;
  let deepest = 0;
  for (let { kind } = lexer.advance(); kind !== TokenKind.EOF; { kind } = lexer.advance()) {
    if (OPENS.has(kind)) deepest = Math.max(deepest, ++depth);
    else if (CLOSES.has(kind)) depth--;
  }
  return deepest;
}

/** Whether a text has more opening brackets than this, wherever they stand: what has not need not be looked at closely. */
export function hasMoreBrackets(text: string, most: number): boolean {
  let count = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if ((code === 0x7b || code === 0x5b || code === 0x28) && ++count > most) return true;
  }
  return false;
}
