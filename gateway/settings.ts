import { z } from 'zod';
import { originList } from './cors.ts';

/** What the owner of a platform decides about its API. */
export const apiEnv = {
  /** Points of query cost that each API key may spend within a minute. */
  SLIPWAY_REQUEST_COST_PER_MINUTE: z.coerce.number().positive().default(10_000_000),
  /** Other origins whose pages may use the API, with a key. */
  SLIPWAY_CORS_ORIGINS: originList,
  /** Whether the schema is told by introspection. */
  SLIPWAY_INTROSPECTION: z.enum(['on', 'off'], 'must be on or off').default('on'),
  /** Whether only the documents of our own clients are answered; then nothing is explored either. */
  SLIPWAY_ONLY_PERSISTED: z.stringbool('must be true or false').default(false),
};

export interface ApiSettings { costPerMinute: number; corsOrigins: readonly string[]; introspection: boolean; onlyPersisted: boolean }

export function apiSettings(env: z.output<z.ZodObject<typeof apiEnv>>): ApiSettings {
  const onlyPersisted = env.SLIPWAY_ONLY_PERSISTED;
  return { costPerMinute: env.SLIPWAY_REQUEST_COST_PER_MINUTE, corsOrigins: env.SLIPWAY_CORS_ORIGINS, introspection: env.SLIPWAY_INTROSPECTION === 'on' && !onlyPersisted, onlyPersisted };
}
