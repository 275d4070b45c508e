import { getNamedType, getNullableType, isAbstractType, isInterfaceType, isLeafType, isListType, isObjectType, isRequiredArgument } from 'graphql';
import type { GraphQLField, GraphQLNamedType, GraphQLObjectType, GraphQLSchema } from 'graphql';

type Field = GraphQLField<unknown, unknown>;

/** Arguments of a field, as text without brackets; null: it cannot be asked for without one that nobody says. */
export type ArgsOf = (type: string, field: Field) => string | null;

/** A field that answers objects in a list or connection, and queries that lead there. */
export interface ListField {
  /** `App.builds` */
  name: string;
  /** Asks for the list alone, under the alias `list`, with so many items at most. */
  query(length: number): string;
  /** The same, with one field of its items each, by that field's name. */
  nested: Record<string, (length: number) => string>;
}

const isConnection = (type: GraphQLNamedType): boolean => type.name.endsWith('Connection');
const isList = (field: Field): boolean => isListType(getNullableType(field.type)) || isConnection(getNamedType(field.type));
/** Pages are asked for through `nodes`; `edges` are the same once more. */
const isPage = (type: GraphQLObjectType, field: Field): boolean => type.name.endsWith('Edge') || (isConnection(type) && ['nodes', 'edges'].includes(field.name));
const fieldsOf = (type: GraphQLNamedType): Field[] => (isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()) : []);

/** Every list of objects in answers of the schema, as `Type.field`. */
export function allLists(schema: GraphQLSchema): string[] {
  return Object.values(schema.getTypeMap()).filter((type): type is GraphQLObjectType => isObjectType(type) && !type.name.startsWith('__'))
    .flatMap((type) => fieldsOf(type).filter((field) => isList(field) && !isLeafType(getNamedType(field.type)) && !isPage(type, field)).map(({ name }) => `${type.name}.${name}`));
}

const withArgs = (field: Field, args: string, length: number): string => {
  const all = [field.args.some(({ name }) => name === 'first') ? `first: ${length}` : '', args].filter(Boolean).join(', ');
  return `${field.name}${all === '' ? '' : `(${all})`}`;
};

/** Every list that a query leads to, by a shortest way through the schema. */
export function reachLists(schema: GraphQLSchema, argsOf: ArgsOf): ListField[] {
  const root = schema.getQueryType() as GraphQLObjectType;
  const ways = new Map<string, (inner: string) => string>([[root.name, (inner) => `{ ${inner} }`]]);
  const open: GraphQLObjectType[] = [root];
  const lists: ListField[] = [];
  for (let type = open.shift(); type; type = open.shift()) {
    const way = ways.get(type.name) as (inner: string) => string;
    for (const field of fieldsOf(type)) {
      const inner = getNamedType(field.type);
      const args = argsOf(type.name, field);
      if (args === null || isLeafType(inner)) continue;
      if (isList(field) && !isPage(type, field)) lists.push(describeList(schema, type, field, { way, args, argsOf }));
      // One is enough to get to what is below it; of a union, the one that is wanted may come later.
      const ahead = isConnection(inner) && isAbstractType(itemOf(field)) ? 100 : 1;
      for (const next of isAbstractType(inner) ? schema.getPossibleTypes(inner) : [inner]) {
        if (!isObjectType(next) || ways.has(next.name) || field.name === 'edges') continue;
        ways.set(next.name, (text) => way(`${withArgs(field, args, ahead)} { ${isAbstractType(inner) ? `... on ${next.name} { ${text} }` : text} }`));
        open.push(next);
      }
    }
  }
  return lists;
}

/** What a list's items are. */
function itemOf(field: Field): GraphQLNamedType {
  const type = getNamedType(field.type);
  const nodes = isConnection(type) ? fieldsOf(type).find(({ name }) => name === 'nodes') : undefined;
  return nodes ? getNamedType(nodes.type) : type;
}

interface Place { way: (inner: string) => string; args: string; argsOf: ArgsOf }

function describeList(schema: GraphQLSchema, type: GraphQLObjectType, field: Field, { way, args, argsOf }: Place): ListField {
  const item = itemOf(field);
  const members = isAbstractType(item) ? schema.getPossibleTypes(item) : isObjectType(item) ? [item] : [];
  const ask = (length: number, inner: string): string => way(`list: ${withArgs(field, args, length)} { ${inItems(field, inner)} }`);
  const askable = (member: GraphQLNamedType): Field[] => fieldsOf(member).filter((each) => !isLeafType(getNamedType(each.type)) && argsOf(member.name, each) !== null);
  const below = (each: Field, member: GraphQLNamedType, length: number): string => `${withArgs(each, argsOf(member.name, each) ?? '', length)} { ${inItems(each, leavesOf(itemOf(each), argsOf))} }`;
  const names = new Set(members.flatMap((member) => askable(member).map(({ name }) => name)));
  return {
    name: `${type.name}.${field.name}`,
    query: (length) => ask(length, leavesOf(item, argsOf)),
    nested: Object.fromEntries([...names].map((name) => [name, (length: number) => ask(length, `__typename ${members.flatMap((member) => {
      const each = askable(member).find((one) => one.name === name);
      return each ? `... on ${member.name} { ${below(each, member, length)} }` : [];
    }).join(' ')}`)])),
  };
}

const inItems = (field: Field, inner: string): string => (isConnection(getNamedType(field.type)) ? `nodes { ${inner} }` : inner);

/** All of an object that is no object itself; of one that may be of several types, which it is. */
const leavesOf = (type: GraphQLNamedType, argsOf: ArgsOf): string =>
  ['__typename', ...(isObjectType(type) ? fieldsOf(type).filter((each) => isLeafType(getNamedType(each.type)) && argsOf(type.name, each) !== null).map(({ name }) => name) : [])].join(' ');

/** How many items the longest list has that an answer gives under the alias `list`. */
export function longestList(answer: unknown): number {
  if (Array.isArray(answer)) return Math.max(0, ...answer.map(longestList));
  if (answer === null || typeof answer !== 'object') return 0;
  return Math.max(0, ...Object.entries(answer).map(([name, value]) => {
    if (name !== 'list') return longestList(value);
    const items: unknown = Array.isArray(value) ? value : (value as { nodes?: unknown } | null)?.nodes;
    return Array.isArray(items) ? items.length : 0;
  }));
}

/** Whether a field can be asked for with no more arguments than these. */
export const argsFrom = (known: Record<string, string>): ArgsOf => (type, field) => known[`${type}.${field.name}`] ?? (field.args.some(isRequiredArgument) ? null : '');
