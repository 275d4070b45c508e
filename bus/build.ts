import { z } from 'zod';
import { notice, query, work } from './message.ts';

/** What a build says of itself is checked here: its own programs can forge it. */
export const processType = z.object({ type: z.string().regex(/^[A-Za-z0-9_-]{1,30}$/), command: z.string().min(1) });

export const slugDescription = z.object({
  digest: z.string().regex(/^[0-9a-f]{64}$/), size: z.int().nonnegative(), stack: z.string(), buildpacks: z.array(z.string()), processTypes: z.array(processType),
});
export type SlugDescription = z.infer<typeof slugDescription>;

export const buildFailureReason = z.enum([
  'NO_BUILDPACK', 'BUILDPACK_FETCH_FAILED', 'DOCKERFILE_NEEDS_KUBERNETES', 'INVALID_PROCFILE', 'NO_PROCESS_TYPES', 'SOURCE_INVALID',
  'BUILD_COMMAND_FAILED', 'BUILD_TIMEOUT', 'OUT_OF_MEMORY', 'DISK_FULL', 'OUTPUT_LIMIT', 'SLUG_TOO_LARGE', 'BUILDER_LOST', 'INTERNAL',
]);
export type BuildFailureReason = z.infer<typeof buildFailureReason>;

/** What a build ends with: exactly one of these. */
export const buildOutcome = z.discriminatedUnion('status', [
  z.object({ status: z.literal('SUCCEEDED'), slug: slugDescription }),
  z.object({
    status: z.literal('FAILED'), reason: buildFailureReason, message: z.string(), hint: z.string().nullable(),
    /** The last lines of output, redacted; 20 at most. */
    lines: z.array(z.string()),
  }),
  z.object({ status: z.literal('CANCELED') }),
]);
export type BuildOutcome = z.infer<typeof buildOutcome>;

export const buildLimits = z.object({ seconds: z.int(), memoryBytes: z.int(), diskBytes: z.int(), outputBytes: z.int(), slugBytes: z.int() });
export type BuildLimits = z.infer<typeof buildLimits>;

/** All a build needs, secrets included: answered to the holder of the lease, kept in memory only. */
export const buildContext = z.object({
  buildId: z.uuid(), appId: z.uuid(), appName: z.string(), number: z.int(), commit: z.hex(), clean: z.boolean(),
  sourceUrl: z.url(), sourceDigest: z.hex(),
  /** Signed PUT of any content up to `limits.slugBytes`; stored under its digest; the answer is `{ digest, size }`. */
  slugPutUrl: z.url(),
  /** Values are base64. */
  config: z.array(z.object({ key: z.string(), value: z.base64() })),
  limits: buildLimits,
});
export type BuildContext = z.infer<typeof buildContext>;

export const buildStep = z.object({
  index: z.int().min(0).max(10_000), kind: z.enum(['FETCH', 'DETECT', 'COMPILE', 'RELEASE', 'SLUG', 'CACHE']), name: z.string().max(200),
  status: z.enum(['RUNNING', 'SUCCEEDED', 'FAILED']), cacheHit: z.boolean().nullable(),
  startedAt: z.iso.datetime(), endedAt: z.iso.datetime().nullable(),
});
export type BuildStep = z.infer<typeof buildStep>;

/** A build waits for a builder. */
export const buildQueued = work('BUILDS', 'builds.queued', z.object({ buildId: z.uuid(), appId: z.uuid() }));

/** Take a queued build: starts the lease. BusError `NOT_CLAIMABLE`: drop it; `APP_BUSY`: another build of the app runs, try again later. */
export const buildClaim = query('build.claim', z.object({ buildId: z.uuid(), builderId: z.string() }), buildContext);

/** The builds that a builder of this name holds: one that was killed takes them up when it is back. */
export const buildHeld = query('build.held', z.object({ builderId: z.string() }), z.object({ buildIds: z.array(z.uuid()) }));

/** Renew the lease (30 s). `lost`: another may have it, stop and report nothing. */
export const buildHeartbeat = query('build.heartbeat', z.object({ buildId: z.uuid(), builderId: z.string() }),
  z.object({ canceled: z.boolean(), lost: z.boolean() }));

/** A step began or ended; the same index comes again with its end. */
export const buildStepReported = query('build.step', z.object({ buildId: z.uuid(), builderId: z.string(), step: buildStep }), z.object({}));

/** The verdict, asked until it is answered; the first one counts. */
export const buildFinished = query('build.finished', z.object({ buildId: z.uuid(), builderId: z.string(), outcome: buildOutcome }), z.object({}));

/** Somebody cancelled a build: its builder need not wait for the next heartbeat. */
export const buildCanceled = notice('build.canceled', z.object({ buildId: z.uuid() }));
