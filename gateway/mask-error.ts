import { randomUUID } from 'node:crypto';
import { GraphQLError } from 'graphql';
import { UserError } from '../platform/user-error.ts';
import type { Logger } from '../service/log.ts';
import { isDatabaseAway } from './refusing.ts';

/** The caller's mistakes are shown, the database's absence is told, everything else is ours: logged once, and masked behind a trace id. */
export function maskError(log: Logger): (error: unknown) => GraphQLError {
  return (error) => {
    const { cause, place } = unwrap(error);
    if (cause instanceof GraphQLError) return cause === error || !place ? cause : new GraphQLError(cause.message, { ...place, extensions: cause.extensions });
    if (cause instanceof UserError) return new GraphQLError(cause.message, { ...place, extensions: { code: cause.code, hint: cause.hint } });
    const traceId = randomUUID();
    if (isDatabaseAway(cause)) {
      log.warn({ error: cause, traceId }, 'the database is away');
      return new GraphQLError('The database does not answer; try again in a moment.', { ...place, extensions: { code: 'UNAVAILABLE', traceId, http: { status: 503, headers: { 'retry-after': '1' } } } });
    }
    log.error({ error: cause, traceId }, 'a request failed');
    return new GraphQLError(`Something failed on our side; the log tells more under ${traceId}.`, { ...place, extensions: { code: 'INTERNAL', traceId } });
  };
}

interface Unwrapped { cause: unknown; place: { nodes: GraphQLError['nodes']; source: GraphQLError['source']; positions: GraphQLError['positions']; path: GraphQLError['path'] } | undefined }

/** What was thrown, and where in the query; graphql wraps it once or more. */
function unwrap(error: unknown): Unwrapped {
  let cause = error;
  let place: Unwrapped['place'];
  while (cause instanceof GraphQLError && cause.originalError) {
    place ??= { nodes: cause.nodes, source: cause.source, positions: cause.positions, path: cause.path };
    cause = cause.originalError;
  }
  return { cause, place };
}
