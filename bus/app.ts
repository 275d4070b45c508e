import { z } from 'zod';
import { notice, query } from './message.ts';

/** An app's rows changed: the controller reconciles it. */
export const appChanged = notice('app.changed', z.object({ appId: z.uuid() }));

/** Events of an app up to `number` are committed: subscribers read them. */
export const eventsWritten = notice('app.events', z.object({ appId: z.uuid(), number: z.int() }));

/** An API key or a session ended, or (where it names neither) a user's rights changed: connections that live by it end. */
export const accessChanged = notice('access.changed', z.object({ userId: z.uuid(), apiKeyId: z.uuid().nullable(), sessionId: z.uuid().nullable() }));

/** The decrypted environment of a release, for the node that starts its replicas. Answered by the gateway, kept in memory only. */
export const replicaContext = query(
  'replica.context',
  z.object({ appId: z.uuid(), releaseId: z.uuid() }),
  z.object({
    /** Values are base64: any bytes survive. */
    config: z.array(z.object({ key: z.string(), value: z.base64() })),
    /** Signed and expiring. */
    slugUrl: z.url(),
    slugDigest: z.string(),
  }),
);
