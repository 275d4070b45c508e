import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { OperationContext } from './cost.ts';
import { limitExceeded } from './limit-exceeded.ts';
import type { DocumentSource } from './persisted-documents.ts';

/** The parameters of one operation, by the GraphQL-over-HTTP specification and its appendix about persisted documents. */
export interface RequestParams {
  query?: string;
  documentId?: string;
  operationName?: string;
  variables?: Record<string, unknown>;
  extensions?: Record<string, unknown>;
}

/** The parameters in a URL. Throws GraphQLError (400). */
export function paramsOfUrl(url: string): RequestParams {
  const search = new URL(url, 'http://gateway').searchParams;
  const text = (name: string): string | null => search.get(name) || null;
  const map = (name: string): unknown => { const value = text(name); return value === null ? null : parseJson(value, `The parameter "${name}" of the URL`); };
  return checked({ query: text('query'), documentId: text('documentId'), operationName: text('operationName'), variables: map('variables'), extensions: map('extensions') });
}

/** The parameters in a JSON body: of one operation, or of each of a batch. Throws GraphQLError (400; 413 for a batch that is too long). */
export function paramsOfBody(body: string, maxBatch: number): RequestParams | RequestParams[] {
  const json = parseJson(body, 'The body');
  if (!Array.isArray(json)) return checked(json);
  if (json.length === 0) throw invalid('The batch is empty: send at least one operation.');
  if (json.length > maxBatch) throw limitExceeded('batch', maxBatch, json.length, `The batch has ${json.length} operations; at most ${maxBatch} are allowed.`, { status: 413 });
  return json.map((each, index) => checked(each, `Operation ${index} of the batch`));
}

/** Takes the parameters out of each request of the engine, in place of its own parsers. */
export function useRequestParams(documents: DocumentSource, maxBatch: number): Plugin<object, OperationContext> {
  return {
    onRequestParse: ({ request, serverContext, setRequestParser }) => {
      const resolved = (params: RequestParams): RequestParams => ({ ...params, documentId: undefined, query: documents.textOf(params) });
      if (request.method === 'GET') setRequestParser(({ url }) => resolved(paramsOfUrl(url)));
      if (request.method === 'POST') {
        setRequestParser(async (sent) => {
          const params = paramsOfBody(await sent.text(), maxBatch);
          if (!Array.isArray(params)) return resolved(params);
          serverContext.receipt.isBatch = true;
          return params.map(resolved);
        });
      }
    },
  };
}

const NAMES = ['query', 'documentId', 'operationName', 'variables', 'extensions'];

function checked(json: unknown, what = 'The request'): RequestParams {
  if (!isMap(json)) throw invalid(`${what} must be a JSON object like {"query": "{ viewer { email } }"}, not ${kindOf(json)}.`);
  const unknown = Object.keys(json).find((name) => !NAMES.includes(name));
  if (unknown !== undefined) throw invalid(`${what} has the unknown parameter "${unknown.slice(0, 60)}"; what there is: ${NAMES.join(', ')}.`);
  const of = <T>(name: string, isIt: (value: unknown) => value is T, kind: string): T | undefined => {
    const value = json[name] ?? undefined;
    if (value !== undefined && !isIt(value)) throw invalid(`"${name}" must be ${kind}, not ${kindOf(value)}.`);
    return value;
  };
  const params = {
    query: of('query', isText, 'a string'), documentId: of('documentId', isText, 'a string'), operationName: of('operationName', isText, 'a string') || undefined,
    variables: of('variables', isMap, 'an object'), extensions: of('extensions', isMap, 'an object'),
  };
  if (params.query === undefined && params.documentId === undefined) throw invalid(`${what} has no "query": send the text of a GraphQL document, or the "documentId" of one that this platform knows.`);
  return params;
}

function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid(text === '' ? `${what} is empty: send JSON like {"query": "{ viewer { email } }"}.` : `${what} is no JSON: ${(error as SyntaxError).message.slice(0, 200)}`);
  }
}

const isText = (value: unknown): value is string => typeof value === 'string';
const isMap = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

const invalid = (message: string): GraphQLError => new GraphQLError(message, { extensions: { code: 'INVALID_INPUT', http: { status: 400 } } });
