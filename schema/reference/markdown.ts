import { astFromValue, getNamedType, print } from 'graphql';
import type { GraphQLArgument, GraphQLField, GraphQLInputField, GraphQLType } from 'graphql';
import type { Places } from './places.ts';

/** A row of a table: a field, or an argument of the field above it. */
type Row = { name: string; type: GraphQLType; text: string };

/** Rows of fields, inputs or arguments, each with what it is; empty text where there are none. */
export function fieldTable(places: Places, title: string, fields: readonly (GraphQLField<unknown, unknown> | GraphQLInputField | GraphQLArgument)[]): string {
  const rows = fields.flatMap((field): Row[] => [
    { name: `\`${field.name}\``, type: field.type, text: textOf(field) },
    ...('args' in field ? field.args.map((arg) => ({ name: `\`${field.name}(${arg.name}:)\``, type: arg.type, text: textOf(arg) })) : []),
  ]);
  return table([title, 'Type', 'What it is'], rows.map(({ name, type, text }) => [name, typeLink(places, type), text]));
}

export function table(titles: string[], rows: string[][]): string {
  if (rows.length === 0) return '';
  const line = (cells: string[]): string => `| ${cells.join(' | ')} |\n`;
  return `${line(titles)}|${'---|'.repeat(titles.length)}\n${rows.map((cells) => line(cells.map((text) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')))).join('')}`;
}

/** A type as it is written, its name a link. */
export function typeLink(places: Places, type: GraphQLType): string {
  const named = getNamedType(type);
  const link = places.linkTo(named);
  const [before = '', after = ''] = String(type).split(named.name);
  return `${before.replace('[', '\\[')}${link === null ? named.name : `[${named.name}](${link})`}${after.replace(']', '\\]')}`;
}

/** What it is, what it is where nothing is said, and what to use instead. */
export function textOf(thing: { description?: string | null | undefined; deprecationReason?: string | null | undefined; defaultValue?: unknown; type?: unknown }): string {
  const text = plain(thing.description);
  const standard = 'defaultValue' in thing && thing.defaultValue !== undefined ? ` \`${printValue(thing as GraphQLArgument)}\` if not said.` : '';
  return `${text}${standard}${thing.deprecationReason == null ? '' : ` **Deprecated:** ${plain(thing.deprecationReason)}`}`;
}

function printValue({ defaultValue, type }: GraphQLArgument): string {
  const value = astFromValue(defaultValue, type);
  return value ? print(value) : 'null';
}

/** A description as Markdown: a `<` outside of code would begin a tag. */
export const plain = (text: string | null | undefined): string => (text ?? '').trim().split(/(`[^`]*`)/).map((part) => (part.startsWith('`') ? part : part.replaceAll('<', '&lt;'))).join('');

export const paragraphs = (...parts: string[]): string => parts.map((part) => part.trim()).filter((part) => part !== '').join('\n\n');
export const code = (language: string, text: string): string => `\`\`\`${language}\n${text.trim()}\n\`\`\``;
