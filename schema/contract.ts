import {
  astFromValue, buildASTSchema, buildSchema, findBreakingChanges, getNamedType, isEnumType, isInputObjectType, isInterfaceType, isIntrospectionType, isObjectType, isSpecifiedScalarType,
  isUnionType, Kind, parse, print, printSchema,
} from 'graphql';
import type { DefinitionNode, DirectiveNode, GraphQLArgument, GraphQLInputField, GraphQLNamedType, GraphQLSchema } from 'graphql';

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
  const written = ({ type, defaultValue }: GraphQLArgument | GraphQLInputField): string | null => {
    const node = astFromValue(defaultValue, type);
    return node ? print(node) : null;
  };
  return new Map(ownTypes(schema).flatMap((type): [string, string | null][] => {
    if (isInputObjectType(type)) return Object.values(type.getFields()).map((field) => [`${type.name}.${field.name}`, written(field)]);
    if (!isObjectType(type) && !isInterfaceType(type)) return [];
    return Object.values(type.getFields()).flatMap((field) => field.args.map((arg): [string, string | null] => [`${type.name}.${field.name}(${arg.name}:)`, written(arg)]));
  }));
}

/** Every name without a description: `Type`, `Type.field`, `Type.field(argument:)`. */
export function undescribedNames(schema: GraphQLSchema): string[] {
  const bare: string[] = [];
  const check = (name: string, { description }: { description?: string | null | undefined }): void => { if (!description?.trim()) bare.push(name); };
  for (const type of ownTypes(schema)) {
    check(type.name, type);
    if (isEnumType(type)) for (const value of type.getValues()) check(`${type.name}.${value.name}`, value);
    if (!isObjectType(type) && !isInterfaceType(type) && !isInputObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      check(`${type.name}.${field.name}`, field);
      if ('args' in field) for (const arg of field.args) check(`${type.name}.${field.name}(${arg.name}:)`, arg);
    }
  }
  return bare;
}

/** The types of a schema that are not GraphQL's own. */
export function ownTypes(schema: GraphQLSchema): GraphQLNamedType[] {
  return Object.values(schema.getTypeMap()).filter((type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type));
}

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
