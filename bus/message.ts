import type { z } from 'zod';

/** A hint that something happened; lost ones are healed by a sweep, repeated ones change nothing. */
export interface Notice<S extends z.ZodType> { kind: 'notice'; subject: string; schema: S }

/** A question with one answer, kept nowhere. */
export interface Query<Q extends z.ZodType, A extends z.ZodType> { kind: 'query'; subject: string; request: Q; reply: A }

/** Work that waits in JetStream until one consumer has taken it. */
export interface Work<S extends z.ZodType> { kind: 'work'; subject: string; stream: string; schema: S }

export const notice = <S extends z.ZodType>(subject: string, schema: S): Notice<S> => ({ kind: 'notice', subject, schema });

export const query = <Q extends z.ZodType, A extends z.ZodType>(subject: string, request: Q, reply: A): Query<Q, A> =>
  ({ kind: 'query', subject, request, reply });

export const work = <S extends z.ZodType>(stream: string, subject: string, schema: S): Work<S> => ({ kind: 'work', subject, stream, schema });
