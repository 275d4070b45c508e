import { getNamedType, isInterfaceType, isLeafType, isObjectType, isRequiredArgument, isUnionType } from 'graphql';
import type { GraphQLField, GraphQLNamedType, GraphQLObjectType, GraphQLSchema } from 'graphql';

/** A field to ask for, and what to ask for below it, for each type that it may answer with. */
export interface Step { type: string; field: string; alias: string; args: string; below: Map<string, Step[]> | null }

/** A value in an answer: which field of which type it is the value of, and of which object. */
export interface Seen { type: string; field: string; path: string; value: unknown; object: Record<string, unknown>; above: Record<string, unknown>[] }

export interface WalkOptions {
  /** Arguments that fields cannot do without, as text: `Release.diff` → `(from: 1)`. */
  args: Record<string, string>;
  /** How many types deep. */
  depth: number;
}

/** Connections and their edges are no step of their own. */
const isPaging = (type: GraphQLNamedType): boolean => /(Connection|Edge)$/.test(type.name);

/** Every path from a type down, none through a type twice. Throws where a field needs an argument that is not given. */
export function planFrom(schema: GraphQLSchema, type: GraphQLNamedType, options: WalkOptions, passed: readonly string[] = []): Map<string, Step[]> | null {
  if (isLeafType(type)) return null;
  const types = isUnionType(type) || isInterfaceType(type) ? schema.getPossibleTypes(type) : isObjectType(type) ? [type] : [];
  return new Map(types.map((each) => [each.name, passed.includes(each.name) ? [] : stepsOf(schema, each, options, isPaging(each) ? passed : [...passed, each.name])]));
}

function stepsOf(schema: GraphQLSchema, type: GraphQLObjectType, options: WalkOptions, passed: readonly string[]): Step[] {
  return Object.values(type.getFields()).flatMap((field): Step[] => {
    const inner = getNamedType(field.type);
    // The same nodes once more.
    if (field.name === 'edges') return [];
    if (!isLeafType(inner) && passed.length >= options.depth) return [];
    const below = planFrom(schema, inner, options, passed);
    // What was passed on the way here is not asked for again.
    if (below && [...below.values()].every((steps) => steps.length === 0)) return [];
    return [{ type: type.name, field: field.name, alias: `${type.name}__${field.name}`, args: argsOf(type, field, options), below }];
  });
}

function argsOf(type: GraphQLObjectType, field: GraphQLField<unknown, unknown>, { args }: WalkOptions): string {
  const own = args[`${type.name}.${field.name}`];
  if (own === undefined && field.args.some(isRequiredArgument)) throw new Error(`${type.name}.${field.name} cannot be asked for without arguments: say which in the access test.`);
  return own ?? (field.args.some(({ name }) => name === 'first') ? '(first: 5)' : '');
}

/** The text of a selection. */
export function printSteps(below: Map<string, Step[]>): string {
  return `{ __typename ${[...below].filter(([, steps]) => steps.length > 0).map(([type, steps]) => `... on ${type} { ${steps.map(({ alias, field, args, below: inner }) => `${alias}: ${field}${args}${inner ? ` ${printSteps(inner)}` : ''}`).join(' ')} }`).join(' ')} }`;
}

/** Every value of an answer that tells something: not null, not an empty list. */
export function* valuesOf(below: Map<string, Step[]>, answer: unknown, above: Record<string, unknown>[] = [], path = ''): Generator<Seen, void, void> {
  if (Array.isArray(answer)) { for (const item of answer) yield* valuesOf(below, item, above, path); return; }
  if (answer === null || typeof answer !== 'object') return;
  const object = answer as Record<string, unknown>;
  for (const { type, field, alias, below: inner } of below.get(String(object.__typename)) ?? []) {
    const value = object[alias];
    if (isNothing(value)) continue;
    const here = `${path}.${field}`;
    yield { type, field, path: here, value, object, above };
    if (inner) yield* valuesOf(inner, value, [...above, object], here);
  }
}

function isNothing(value: unknown): boolean {
  if (value === null || value === undefined || (Array.isArray(value) && value.length === 0)) return true;
  const page = value as Record<string, unknown>;
  return typeof page.__typename === 'string' && page.__typename.endsWith('Connection') && (page[`${page.__typename}__nodes`] as unknown[] | undefined ?? []).length === 0;
}

/** Every type and field that can be reached in the schema's answers, as `Type.field`. */
export function fieldsOf(schema: GraphQLSchema): string[] {
  return Object.values(schema.getTypeMap()).filter((type): type is GraphQLObjectType => isObjectType(type) && !type.name.startsWith('__')).flatMap((type) => Object.keys(type.getFields()).map((field) => `${type.name}.${field}`));
}
