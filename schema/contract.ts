import { astFromValue, buildASTSchema, buildSchema, findBreakingChanges, getNamedType, isEnumType, isInputObjectType, isInterfaceType, isObjectType, isUnionType, Kind, parse, print, printSchema } from 'graphql';
import type { DefinitionNode, DirectiveNode, GraphQLNamedType, GraphQLSchema } from 'graphql';
import { namesOf } from './names.ts';

/**
 * Every break of the released schema that was not announced. Only what it had as `@deprecated` may be gone, and types that nothing else led to;
 * what stays, deprecated or not, must not change.
 */
export function unannouncedBreaks(released: GraphQLSchema, now: GraphQLSchema): string[] {
  const definitions = parse(printSchema(released)).definitions.map((definition) => withoutAnnounced(definition, now));
  const promised = new Set(typesLedTo(buildASTSchema({ kind: Kind.DOCUMENT, definitions })).map(({ name }) => name));
  const left = definitions.filter((definition) => !('name' in definition && definition.name) || promised.has(definition.name.value));
  const kept = buildASTSchema({ kind: Kind.DOCUMENT, definitions: left });
  // Printed and read once more, defaults within defaults are filled in on both sides.
  return [...findBreakingChanges(kept, now).map(({ description }) => description), ...changedDefaults(kept, buildSchema(printSchema(now)))];
}

/** Every default value that is gone or another: who leaves the argument or field out gets something else, and nothing tells them. One that is new is none of these. */
function changedDefaults(released: GraphQLSchema, now: GraphQLSchema): string[] {
  const nowIn = defaultsOf(now);
  return [...defaultsOf(released)].filter(([name, value]) => value !== null && nowIn.has(name) && nowIn.get(name) !== value).map(([name, value]) =>
    `${name} was ${value} by default, and is ${nowIn.get(name) ?? 'nothing'}: keep the default, and give what is new an argument or field of its own.`);
}

/** The default value of every input field (`Type.field`) and argument (`Type.field(argument:)`), as it is written in a schema; null: it has none. */
function defaultsOf(schema: GraphQLSchema): Map<string, string | null> {
  return new Map([...namesOf(schema)].flatMap(({ name, input }): [string, string | null][] => {
    if (input === null) return [];
    const node = astFromValue(input.defaultValue, input.type);
    return [[name, node ? print(node) : null]];
  }));
}

/** Every name without a description: `Type`, `Type.field`, `Type.field(argument:)`. */
export const undescribedNames = (schema: GraphQLSchema): string[] => [...namesOf(schema)].filter(({ description }) => !description?.trim()).map(({ name }) => name);

/** A definition of the released schema without its deprecated parts that are gone by now. */
function withoutAnnounced(definition: DefinitionNode, now: GraphQLSchema): DefinitionNode {
  if (definition.kind === Kind.ENUM_TYPE_DEFINITION) {
    const type = now.getType(definition.name.value);
    return { ...definition, values: definition.values?.filter((value) => !isDeprecated(value) || (isEnumType(type) && type.getValue(value.name.value))) ?? [] };
  }
  if (definition.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION) {
    const type = now.getType(definition.name.value);
    return { ...definition, fields: definition.fields?.filter((field) => !isDeprecated(field) || (isInputObjectType(type) && type.getFields()[field.name.value])) ?? [] };
  }
  if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.INTERFACE_TYPE_DEFINITION) return definition;
  const type = now.getType(definition.name.value);
  const fields = isObjectType(type) || isInterfaceType(type) ? type.getFields() : {};
  return {
    ...definition,
    fields: definition.fields?.filter((field) => !isDeprecated(field) || fields[field.name.value]).map((field) => ({
      ...field, arguments: field.arguments?.filter((arg) => !isDeprecated(arg) || fields[field.name.value]?.args.some(({ name }) => name === arg.name.value)) ?? [],
    })) ?? [],
  };
}

const isDeprecated = (node: { directives?: readonly DirectiveNode[] | undefined }): boolean => node.directives?.some(({ name }) => name.value === 'deprecated') ?? false;

/** The types that a caller can come across, from the queries, mutations and subscriptions on. */
function typesLedTo(schema: GraphQLSchema): GraphQLNamedType[] {
  const found = new Set<GraphQLNamedType>();
  const waiting: GraphQLNamedType[] = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].filter((type) => type != null);
  for (let type = waiting.pop(); type; type = waiting.pop()) {
    if (found.has(type)) continue;
    found.add(type);
    waiting.push(...nextTo(schema, type));
  }
  return [...found];
}

function nextTo(schema: GraphQLSchema, type: GraphQLNamedType): GraphQLNamedType[] {
  if (isUnionType(type)) return [...type.getTypes()];
  if (isInputObjectType(type)) return Object.values(type.getFields()).map((field) => getNamedType(field.type));
  if (!isObjectType(type) && !isInterfaceType(type)) return [];
  const fields = Object.values(type.getFields()).flatMap((field) => [field.type, ...field.args.map((arg) => arg.type)]).map((each) => getNamedType(each));
  return [...fields, ...type.getInterfaces(), ...(isInterfaceType(type) ? schema.getPossibleTypes(type) : [])];
}
