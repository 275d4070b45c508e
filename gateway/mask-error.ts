import { GraphQLError } from 'graphql';
import { UserError } from '../platform/user-error.ts';
import type { Logger } from '../service/log.ts';
import { activeTrace, newTraceId } from '../service/trace-context.ts';
import { isDatabaseAway } from './refusing.ts';

/** The caller's mistakes are shown, the database's absence is told, everything else is ours: logged once, and masked behind the id of the trace, by which the logs of all processes that took part tell more. */
export function maskError(log: Logger): (error: unknown) => GraphQLError {
  return (error) => {
    const { cause, place } = unwrap(error);
    // What our libraries find wrong in arguments and variables comes without a code.
    if (cause instanceof GraphQLError) return new GraphQLError(cause.message, { ...(place ?? placeOf(cause)), extensions: { code: 'INVALID_INPUT', ...cause.extensions } });
    if (cause instanceof UserError) return new GraphQLError(cause.message, { ...place, extensions: { code: cause.code, hint: cause.hint } });
    const traceId = activeTrace()?.traceId ?? newTraceId();
    if (isDatabaseAway(cause)) {
      log.warn({ error: cause, traceId }, 'the database is away');
      return new GraphQLError('The database does not answer; try again in a moment.', { ...place, extensions: { code: 'UNAVAILABLE', traceId, http: { status: 503, headers: { 'retry-after': '1' } } } });
    }
    log.error({ error: cause, traceId }, 'a request failed');
    return new GraphQLError(`Something failed on our side; the log tells more under ${traceId}.`, { ...place, extensions: { code: 'INTERNAL', traceId } });
  };
}

type Place = Pick<GraphQLError, 'nodes' | 'source' | 'positions' | 'path'>;
interface Unwrapped { cause: unknown; place: Place | undefined }

const placeOf = ({ nodes, source, positions, path }: GraphQLError): Place => ({ nodes, source, positions, path });

/** What was thrown, and where in the query; graphql wraps it once or more. */
function unwrap(error: unknown): Unwrapped {
  let cause = error;
  let place: Place | undefined;
  while (cause instanceof GraphQLError && cause.originalError) {
    place ??= placeOf(cause);
    cause = cause.originalError;
  }
  return { cause, place };
}
