import { z } from 'zod';
import { query } from './message.ts';

/** Key-value bucket of routes: app id → route. Its values outlive the controller and the router. */
export const ROUTES_BUCKET = 'ROUTES';

export const route = z.object({
  appId: z.uuid(), appName: z.string(),
  /** Names that the app had before: they lead to it too. */
  formerNames: z.array(z.string()).default([]),
  /** Host names beside `<app>.<domain>`. */
  hosts: z.array(z.string()),
  /** What an app without a replica is at; `up` has at least one. */
  state: z.enum(['nothing-deployed', 'starting', 'up', 'crashed', 'scaled-to-zero', 'no-web']),
  releaseVersion: z.int().nullable(),
  replicas: z.array(z.object({ id: z.uuid(), process: z.string(), index: z.int(), releaseVersion: z.int(), host: z.string(), port: z.int() })),
});
export type Route = z.infer<typeof route>;

/** Answered once the router routes by this revision of the bucket, or a later one: then old replicas get no new request. */
export const routesApplied = query('router.applied', z.object({ revision: z.int() }), z.object({ revision: z.int() }));
