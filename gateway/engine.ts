import type { Logger } from '../service/log.ts';
import { createPurses } from './budget.ts';
import { createGraphiqlPage } from './graphiql.ts';
import { createApi } from './graphql.ts';
import type { GraphqlDoor } from './graphql-http.ts';
import { withoutSuggestion } from './introspection.ts';
import type { Limits } from './limits.ts';
import { maskError } from './mask-error.ts';
import type { Metrics } from './metrics.ts';
import { createDocumentSource, ownDocuments } from './persisted-documents.ts';
import type { ApiSettings } from './settings.ts';

export type Engine = Pick<GraphqlDoor, 'api' | 'purses' | 'documents' | 'maskError' | 'graphiql' | 'corsOrigins'>;

export interface EngineOptions {
  log: Logger; metrics: Metrics; settings: ApiSettings;
  limits?: Partial<Limits>;
  /** Persisted documents by their identifiers; those of our own clients, if not told otherwise. */
  known?: Record<string, string>;
}

/** The engine of the API, and what all its doors have in common, as the settings say. */
export function createEngine({ log, metrics, settings: { costPerMinute, corsOrigins, introspection, onlyPersisted }, limits, known = ownDocuments() }: EngineOptions): Engine {
  const purses = createPurses(costPerMinute);
  const documents = createDocumentSource(known, onlyPersisted);
  const mask = maskError(log);
  const shown: GraphqlDoor['maskError'] = introspection ? mask : (error) => withoutSuggestion(mask(error));
  return { api: createApi({ metrics, purses, documents, maskError: shown, limits, introspection }), purses, documents, maskError: shown, graphiql: onlyPersisted ? null : createGraphiqlPage(), corsOrigins };
}
