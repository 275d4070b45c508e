import { isEnumType, isInputObjectType, isInterfaceType, isIntrospectionType, isObjectType, isSpecifiedScalarType } from 'graphql';
import type { GraphQLArgument, GraphQLInputField, GraphQLNamedType, GraphQLSchema } from 'graphql';

/** The types of a schema that are not GraphQL's own. */
export function ownTypes(schema: GraphQLSchema): GraphQLNamedType[] {
  return Object.values(schema.getTypeMap()).filter((type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type));
}

/** What a caller can write: a type, a value of an enum, a field, an argument. */
export interface SchemaName {
  /** `Type`, `Type.value`, `Type.field` or `Type.field(argument:)`. */
  name: string;
  type: GraphQLNamedType;
  description: string | null | undefined;
  /** Null or undefined where it is not deprecated; types never are. */
  deprecationReason: string | null | undefined;
  /** What may have a default value; null: this may not. */
  input: GraphQLArgument | GraphQLInputField | null;
}

/** Every name of a schema that is not GraphQL's own, type by type. */
export function* namesOf(schema: GraphQLSchema): Generator<SchemaName, void, void> {
  for (const type of ownTypes(schema)) {
    const named = (name: string, { description, deprecationReason }: Partial<Pick<SchemaName, 'description' | 'deprecationReason'>>, input: SchemaName['input'] = null): SchemaName => ({ name, type, description, deprecationReason, input });
    yield named(type.name, { description: type.description });
    if (isEnumType(type)) for (const value of type.getValues()) yield named(`${type.name}.${value.name}`, value);
    if (isInputObjectType(type)) for (const field of Object.values(type.getFields())) yield named(`${type.name}.${field.name}`, field, field);
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      yield named(`${type.name}.${field.name}`, field);
      for (const arg of field.args) yield named(`${type.name}.${field.name}(${arg.name}:)`, arg, arg);
    }
  }
}
