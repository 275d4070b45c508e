import { isEnumType, isInputObjectType, isInterfaceType, isObjectType, isUnionType } from 'graphql';
import type { GraphQLNamedType, GraphQLSchema } from 'graphql';
import { fieldTable, paragraphs, plain, table, textOf, typeLink } from './markdown.ts';
import { implementsFace } from './places.ts';
import type { Places } from './places.ts';

/** A type with its heading. */
export function typeSection(schema: GraphQLSchema, places: Places, type: GraphQLNamedType): string {
  return paragraphs(`## ${type.name}`, plain(type.description), typeBody(schema, places, type));
}

/** What a type consists of. */
export function typeBody(schema: GraphQLSchema, places: Places, type: GraphQLNamedType): string {
  const links = (types: readonly GraphQLNamedType[]): string => types.map((each) => typeLink(places, each)).join(', ');
  if (isEnumType(type)) return table(['Value', 'What it means'], type.getValues().map((value) => [`\`${value.name}\``, textOf(value)]));
  if (isUnionType(type)) return `One of ${links(type.getTypes())}.`;
  if (isInputObjectType(type)) return fieldTable(places, 'Field', Object.values(type.getFields()));
  if (isInterfaceType(type)) return paragraphs(fieldTable(places, 'Field', Object.values(type.getFields())), `Is one of ${links(schema.getPossibleTypes(type))}.`);
  if (!isObjectType(type)) return '';
  // What all events, and all errors, have is told once.
  const common = type.getInterfaces().filter(({ name }) => name === 'EventDetails' || name === 'UserError');
  const told = new Set(common.flatMap((face) => Object.keys(face.getFields())));
  const own = Object.values(type.getFields()).filter(({ name }) => !told.has(name));
  const faces = type.getInterfaces().filter((face) => !common.includes(face));
  return paragraphs(
    faces.length > 0 ? `Is a ${links(faces)}.` : '',
    common.length > 0 ? `Has the fields of ${links(common)}${own.length > 0 ? ', and:' : '.'}` : '',
    fieldTable(places, 'Field', own),
    implementsFace(type, 'UserError') ? givenBy(places, type) : '',
  );
}

function givenBy(places: Places, type: GraphQLNamedType): string {
  const mutations = places.entries.filter(({ shows }) => shows.some((shown) => isUnionType(shown) && shown.getTypes().some((member) => member === type)));
  return mutations.length === 0 ? '' : `Given by ${mutations.map(({ field, page }) => `[${field.name}](${page}.md#mutation-${field.name.toLowerCase()})`).join(', ')}.`;
}
