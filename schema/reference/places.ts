import { getNamedType, isInterfaceType, isObjectType, isUnionType } from 'graphql';
import type { GraphQLField, GraphQLNamedType, GraphQLSchema } from 'graphql';
import { ownTypes } from '../names.ts';
import type { Group } from './groups.ts';

export type RootField = GraphQLField<unknown, unknown>;
export type Operation = 'query' | 'mutation' | 'subscription';

/** A query, mutation or subscription; `shows` are the types that are told with it, not by themselves. */
export interface Entry { operation: Operation; field: RootField; page: string; shows: GraphQLNamedType[] }

/** Where everything in the schema is told. */
export interface Places {
  entries: Entry[];
  /** Types that have a heading of their own, with the page where it is. */
  types: Map<GraphQLNamedType, string>;
  /** Where a type is told, as a link from any page; null for GraphQL's own. */
  linkTo(type: GraphQLNamedType): string | null;
}

/** Finds everything its page. Throws, naming all of it, where something belongs to no group. */
export function findPlaces(schema: GraphQLSchema, groups: Group[]): Places {
  const lost: string[] = [];
  const keep = (name: string, page: string | undefined): string => { if (page === undefined) lost.push(name); return page ?? ''; };
  const roots: [Operation, GraphQLNamedType | null | undefined][] = [['query', schema.getQueryType()], ['mutation', schema.getMutationType()], ['subscription', schema.getSubscriptionType()]];
  const entries = roots.flatMap(([operation, root]) => (isObjectType(root) ? Object.values(root.getFields()) : []).map((field): Entry => ({
    operation, field, page: keep(`${operation} ${field.name}`, pageOfField(groups, operation, field)), shows: operation === 'mutation' ? typesOfMutation(field) : [],
  })));
  const shownAt = new Map(entries.flatMap((entry) => entry.shows.map((type) => [type, entry] as const)));
  const rootTypes = new Set(roots.map(([, root]) => root));
  const types = new Map<GraphQLNamedType, string>();
  for (const type of ownTypes(schema)) if (!rootTypes.has(type) && !shownAt.has(type)) types.set(type, keep(`type ${type.name}`, pageOfType(groups, type)));
  if (lost.length > 0) throw new Error(`The reference has no page for these; add a noun to a group in schema/reference/groups.ts:\n${lost.map((name) => `  ${name}`).join('\n')}`);
  return {
    entries, types,
    linkTo: (type) => {
      const page = types.get(type);
      if (page !== undefined) return `${page}.md#${type.name.toLowerCase()}`;
      const entry = shownAt.get(type);
      return entry ? linkToEntry(entry) : null;
    },
  };
}

export const linkToEntry = ({ page, operation, field }: Entry): string => `${page}.md#${operation}-${field.name.toLowerCase()}`;

/** The input, the result and the payload of a mutation: each is of this one alone. */
function typesOfMutation(field: RootField): GraphQLNamedType[] {
  const result = getNamedType(field.type);
  return [...field.args.map((arg) => getNamedType(arg.type)), result, ...(isUnionType(result) ? result.getTypes().filter((member) => !implementsFace(member, 'UserError')) : [])];
}

export function implementsFace(type: GraphQLNamedType, face: string): boolean {
  return (isObjectType(type) || isInterfaceType(type)) && type.getInterfaces().some(({ name }) => name === face);
}

function pageOfType(groups: Group[], type: GraphQLNamedType): string | undefined {
  if (implementsFace(type, 'EventDetails')) return 'event';
  if (implementsFace(type, 'UserError')) return 'error';
  return pageOfLongest(groups, (noun) => type.name.startsWith(noun) && !/^[a-z]/.test(type.name.slice(noun.length)));
}

function pageOfField(groups: Group[], operation: Operation, field: RootField): string | undefined {
  const named = groups.find(({ fields }) => fields?.includes(field.name));
  if (named) return named.page;
  return operation === 'mutation' ? pageOfLongest(groups, (noun) => field.name.endsWith(noun)) : pageOfType(groups, getNamedType(field.type));
}

function pageOfLongest(groups: Group[], fits: (noun: string) => boolean): string | undefined {
  return groups.flatMap(({ page, nouns }) => nouns.filter(fits).map((noun) => ({ page, noun }))).sort((a, b) => b.noun.length - a.noun.length)[0]?.page;
}
