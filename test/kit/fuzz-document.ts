import { getNamedType, isCompositeType, isEnumType, isInputObjectType, isInterfaceType, isListType, isNonNullType, isObjectType, isUnionType } from 'graphql';
import type { GraphQLField, GraphQLInputType, GraphQLNamedType, GraphQLSchema } from 'graphql';
import type { Dice } from './fuzz-random.ts';

export interface FuzzOperation { query: string; variables: Record<string, unknown>; operationName?: string | undefined }

interface Made { schema: GraphQLSchema; dice: Dice; words: readonly string[]; variables: Map<string, { type: string; value: unknown }>; fragments: string[]; left: number }

/** A document that the schema's grammar allows, mostly; with arguments, variables, fragments, aliases and directives as they come. */
export function makeOperation(schema: GraphQLSchema, dice: Dice, words: readonly string[]): FuzzOperation {
  const kind = dice.pick(['query', 'query', 'query', 'mutation', 'mutation', 'subscription'] as const);
  const root = { query: schema.getQueryType(), mutation: schema.getMutationType(), subscription: schema.getSubscriptionType() }[kind];
  if (!root) throw new Error(`The schema has no ${kind}.`);
  const made: Made = { schema, dice, words, variables: new Map(), fragments: [], left: 30 };
  const body = selections(made, root, 1 + dice.int(6), kind === 'subscription');
  const declared = [...made.variables].map(([name, { type }]) => `$${name}: ${type}`);
  const name = dice.chance(0.5) ? dice.pick(['A', 'Ask', '_', 'query']) : '';
  return {
    query: [`${kind} ${name}${declared.length > 0 ? `(${declared.join(', ')})` : ''} ${body}`, ...made.fragments].join('\n'),
    variables: Object.fromEntries([...made.variables].map(([variable, { value }]) => [variable, value])),
    operationName: dice.chance(0.1) ? dice.pick(['A', 'B', '', 'missing']) : undefined,
  };
}

function selections(made: Made, type: GraphQLNamedType, depth: number, single = false): string {
  const { dice, schema } = made;
  const parts: string[] = [];
  const fields = isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()) : [];
  const count = single ? 1 : 1 + dice.int(4);
  for (let at = 0; at < count && made.left > 0; at++) {
    made.left--;
    const field = fields.length > 0 && !dice.chance(0.1) ? dice.pick(fields) : null;
    if (field) { parts.push(selection(made, field, depth)); continue; }
    const types = isUnionType(type) || isInterfaceType(type) ? schema.getPossibleTypes(type) : [];
    const inner = types.length > 0 ? dice.pick(types) : type;
    if (single || !dice.chance(0.7)) { parts.push('__typename'); continue; }
    const body = selections(made, inner, depth - 1);
    if (dice.chance(0.5)) { parts.push(`... on ${inner.name} ${body}`); continue; }
    const name = `F${made.fragments.length}`;
    made.fragments.push(`fragment ${name} on ${inner.name} ${body}`);
    parts.push(`...${name}`);
  }
  return `{ ${parts.length > 0 ? parts.join(' ') : '__typename'} }`;
}

function selection(made: Made, field: GraphQLField<unknown, unknown>, depth: number): string {
  const { dice } = made;
  const given = field.args.filter((arg) => isNonNullType(arg.type) || dice.chance(0.5)).map((arg) => `${arg.name}: ${argument(made, arg.type)}`);
  const type = getNamedType(field.type);
  const inner = isCompositeType(type) ? (depth > 0 ? ` ${selections(made, type, depth - 1)}` : ' { __typename }') : '';
  // Two of the same field with other arguments would be a conflict.
  const alias = given.length > 0 ? `${field.name}${made.left}: ` : dice.chance(0.1) ? `${dice.pick(['a', 'b', 'c', '_'])}${dice.int(100)}: ` : '';
  const directive = dice.chance(0.05) ? ` @${dice.pick(['include', 'skip'])}(if: ${dice.pick(['true', 'false'])})` : '';
  return `${alias}${field.name}${given.length > 0 ? `(${given.join(', ')})` : ''}${directive}${inner}`;
}

function argument(made: Made, type: GraphQLInputType): string {
  const value = valueOf(made, type, 3);
  if (!made.dice.chance(0.3)) return literal(value, type);
  const name = `v${made.variables.size}`;
  made.variables.set(name, { type: String(type), value });
  return `$${name}`;
}

/** A value of a type, mostly. */
function valueOf(made: Made, type: GraphQLInputType, depth: number, needed = false): unknown {
  const { dice, words } = made;
  if (isNonNullType(type)) return dice.chance(0.01) ? null : valueOf(made, type.ofType, depth, true);
  if (!needed && dice.chance(0.1)) return null;
  if (dice.chance(0.01)) return dice.pick([0, '', {}, [], [[[1]]], true, 1e308, 'x'.repeat(5_000), { a: { b: 1 } }]);
  if (isListType(type)) return Array.from({ length: dice.int(dice.chance(0.02) ? 1_200 : 4) }, () => valueOf(made, type.ofType, depth - 1));
  if (isEnumType(type)) return dice.chance(0.05) ? 'NOTHING' : dice.pick(type.getValues()).name;
  if (isInputObjectType(type)) return depth < 0 ? {} : Object.fromEntries(Object.values(type.getFields()).filter((field) => isNonNullType(field.type) || dice.chance(0.4)).map((field) => [field.name, valueOf(made, field.type, depth - 1)]));
  switch (type.name) {
    case 'Int': return dice.chance(0.03) ? dice.pick([2 ** 31, 1.5, 1e308]) : dice.pick([0, 1, 2, 5, 10, 100, 101, -1, 2 ** 31 - 1, -(2 ** 31)]);
    case 'Float': return dice.pick([0, -1, 1e308, 0.1]);
    case 'Boolean': return dice.chance(0.5);
    case 'DateTime': return dice.pick(['2026-01-01T00:00:00Z', '2999-01-01T00:00:00Z', '0000-01-01T00:00:00Z', '0001-01-01T00:00:00+14:00', '9999-12-31T23:59:59-14:00', '0001-01-01T00:00:00Z', '+275760-09-13T00:00:00.001Z', '2026-02-30T00:00:00Z', 'soon', '-1', '2026-01-01']);
    default: return dice.pick(words);
  }
}

function literal(value: unknown, type: GraphQLInputType): string {
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value);
  const named = getNamedType(type);
  if (typeof value === 'string') return isEnumType(named) && /^[A-Z_]+$/.test(value) ? value : JSON.stringify(value).replace(/\p{Surrogate}/gu, '');
  const inner = (name: string): GraphQLInputType => (isInputObjectType(named) ? named.getFields()[name]?.type : undefined) ?? type;
  if (Array.isArray(value)) return `[${value.map((each) => literal(each, isListType(type) ? type.ofType : type)).join(', ')}]`;
  return `{ ${Object.entries(value ?? {}).map(([name, each]) => `${name}: ${literal(each, inner(name))}`).join(', ')} }`;
}
