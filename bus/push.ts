import { z } from 'zod';
import { query } from './message.ts';

const failure = z.object({ reason: z.string(), message: z.string(), hint: z.string().nullable(), lines: z.array(z.string()) });

/** What a deploy is at: its build, and its release once there is one. */
export const deployState = z.object({
  build: z.object({
    id: z.uuid(), appId: z.uuid(), number: z.int(), commit: z.string(), branch: z.string(),
    status: z.enum(['QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELED', 'SUPERSEDED']),
    /** The commit whose push took this one's place. */
    supersededBy: z.string().nullable(),
    failure: failure.nullable(),
    /** The branch was moved for a later build: this one moves it no more. */
    overtaken: z.boolean(),
  }),
  release: z.object({
    /** Where config was set during the rollout: the release that carries its slug on. */
    id: z.uuid(), version: z.int(), status: z.enum(['PENDING', 'ROLLING_OUT', 'LIVE', 'FAILED', 'SUPERSEDED']),
    failure: failure.nullable(),
    /** The version of the AUTO_ROLLBACK release that followed, and the version it restored. */
    rolledBack: z.object({ version: z.int(), to: z.int() }).nullable(),
    url: z.string(),
  }).nullable(),
});
export type DeployState = z.infer<typeof deployState>;

/** Who holds this API key (SHA-256 of its secret, hex), and may they do this to the app? Refusals are BusErrors `UNAUTHENTICATED` and `NOT_FOUND`. */
export const pushAuthorize = query(
  'push.authorize',
  z.object({
    keyHash: z.hex(), app: z.string().max(100), action: z.enum(['fetch', 'push']),
    /** Where it comes from; null: not known. */
    address: z.string().max(45).nullable(),
  }),
  z.object({
    userId: z.uuid(), email: z.string(), apiKeyId: z.uuid(), appId: z.uuid(), appName: z.string(),
    /** The app was asked for by a former name: where it is now. */
    movedTo: z.url().nullable(),
  }),
);

/** May the key still do this to the app? Asked while a push or fetch goes on; refused as pushAuthorize is. */
export const pushHeld = query('push.held', z.object({ apiKeyId: z.uuid(), appId: z.uuid(), action: z.enum(['fetch', 'push']) }), z.object({}));

/** Where to put a source tarball: a signed PUT URL; its answer is `{ digest, size }`. */
export const pushSource = query('push.source', z.object({ appId: z.uuid() }), z.object({ putUrl: z.url() }));

/** Ask for a build. `buildId` is the git server's, so asking twice makes one build. A queued build of the app is superseded. */
export const pushRequestBuild = query(
  'push.request-build',
  z.object({
    buildId: z.uuid(), appId: z.uuid(), userId: z.uuid(), apiKeyId: z.uuid(), commit: z.hex(), branch: z.string(),
    message: z.string(), sourceDigest: z.hex(), clean: z.boolean(),
  }),
  deployState,
);

/** The state of one deploy; asked after each `eventsWritten` of the app. */
export const pushState = query('push.state', z.object({ buildId: z.uuid() }), deployState);

/** Deploys the git server may owe a move of the branch: builds that go on, or whose release does, or is live and the branch was not moved yet. */
export const pushUnfinished = query('push.unfinished', z.object({}), z.object({
  deploys: z.array(z.object({ buildId: z.uuid(), appId: z.uuid(), commit: z.string(), branch: z.string(), status: z.string() })),
}));

/** The branch now is at the build's commit. */
export const pushMoved = query('push.moved', z.object({ buildId: z.uuid() }), z.object({}));
