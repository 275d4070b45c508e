import { getNamedType, isUnionType } from 'graphql';
import type { GraphQLNamedType, GraphQLSchema } from 'graphql';
import { code, fieldTable, paragraphs, plain, textOf, typeLink } from './markdown.ts';
import { implementsFace } from './places.ts';
import type { Entry, Places } from './places.ts';
import { typeBody } from './type-section.ts';

/** How something is asked for: an operation, its variables, and what the server answered when it was tried. */
export interface Example { document: string; variables?: object; answer?: object }

/** A query, mutation or subscription with what it takes, what it answers, and an example. */
export function entrySection(schema: GraphQLSchema, places: Places, entry: Entry, example: Example | undefined): string {
  const { operation, field } = entry;
  const title = operation[0]?.toUpperCase() + operation.slice(1);
  return paragraphs(
    `## ${title} \`${field.name}\``, textOf(field),
    operation === 'mutation' ? mutationBody(schema, places, entry) : paragraphs(fieldTable(places, 'Argument', field.args), `Answers ${typeLink(places, field.type)}.`),
    example ? exampleBody(example, operation === 'subscription' ? 'tells first' : 'answers') : '',
  );
}

function mutationBody(schema: GraphQLSchema, places: Places, { field, shows }: Entry): string {
  const result = getNamedType(field.type);
  const errors = isUnionType(result) ? result.getTypes().filter((member) => implementsFace(member, 'UserError')) : [];
  const told = (label: string, type: GraphQLNamedType): string => paragraphs(`**${label}** \`${type.name}\`: ${plain(type.description)}`, typeBody(schema, places, type));
  return paragraphs(
    ...field.args.map((arg) => told('Takes', getNamedType(arg.type))),
    ...shows.filter((type) => isUnionType(result) && result.getTypes().some((member) => member === type)).map((payload) => told('Answers', payload)),
    errors.length === 0 ? '' : `**Or** (\`${result.name}\`: ${plain(result.description)})\n\n${errors.map((error) => `- ${typeLink(places, error)}: ${plain(error.description)}`).join('\n')}`,
  );
}

function exampleBody({ document, variables, answer }: Example, verb: string): string {
  const hasVariables = variables && Object.keys(variables).length > 0;
  return paragraphs(
    '**Example**', code('graphql', document),
    hasVariables ? paragraphs('with the variables', code('json', JSON.stringify(variables, null, 2))) : '',
    answer ? paragraphs(verb, code('json', JSON.stringify(answer, null, 2))) : '',
  );
}
