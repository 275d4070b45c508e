import { z } from 'zod';
import { notice, query, work } from './message.ts';

/** What a build says of itself is checked here: its own programs can forge it. An empty command is the image's own. */
export const processType = z.object({ type: z.string().regex(/^[A-Za-z0-9_-]{1,30}$/), command: z.string() });

export const slugDescription = z.object({
  digest: z.string().regex(/^[0-9a-f]{64}$/), size: z.int().nonnegative(), stack: z.string(), buildpacks: z.array(z.string()), processTypes: z.array(processType),
  /** On Kubernetes: the image of the same files, a whole reference by digest. */
  image: z.string().nullable().default(null),
});
export type SlugDescription = z.infer<typeof slugDescription>;

export const buildFailureReason = z.enum([
  'NO_BUILDPACK', 'BUILDPACK_FETCH_FAILED', 'DOCKERFILE_NEEDS_KUBERNETES', 'INVALID_PROCFILE', 'NO_PROCESS_TYPES', 'SOURCE_INVALID',
  'BUILD_COMMAND_FAILED', 'BUILD_TIMEOUT', 'OUT_OF_MEMORY', 'DISK_FULL', 'OUTPUT_LIMIT', 'SLUG_TOO_LARGE', 'IMAGE_BUILD_FAILED',
  'REGISTRY_UNAVAILABLE', 'REGISTRY_DENIED', 'REGISTRY_FULL', 'BUILDER_LOST', 'INTERNAL',
]);
export type BuildFailureReason = z.infer<typeof buildFailureReason>;

/** What a build ends with: exactly one of these. */
export const buildOutcome = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('SUCCEEDED'), slug: slugDescription,
    /** SHA-256 of what the build kept for the next one in blob storage; null: nothing, or it is kept elsewhere. */
    cacheDigest: z.hex().nullable().default(null),
  }),
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
  /** For clusters that keep no directory between builds: what the last build kept (null: nothing, or a clean build), and where this one puts what it keeps. */
  cacheUrl: z.url().nullable(), cachePutUrl: z.url(),
  /** Values are base64. */
  config: z.array(z.object({ key: z.string(), value: z.base64() })),
  limits: buildLimits,
});
export type BuildContext = z.infer<typeof buildContext>;

export const buildStep = z.object({
  index: z.int().min(0).max(10_000), kind: z.enum(['FETCH', 'DETECT', 'COMPILE', 'RELEASE', 'SLUG', 'CACHE', 'IMAGE']), name: z.string().max(200),
  status: z.enum(['RUNNING', 'SUCCEEDED', 'FAILED']), cacheHit: z.boolean().nullable(),
  startedAt: z.iso.datetime(), endedAt: z.iso.datetime().nullable(),
});
export type BuildStep = z.infer<typeof buildStep>;

/** A line of what a build reports while it runs, beside its output: to the node that runs it, or on Kubernetes by the log of its pod. */
export const buildReport = z.discriminatedUnion('type', [
  z.object({ type: z.literal('step'), step: buildStep }),
  z.object({ type: z.literal('outcome'), outcome: buildOutcome }),
  /** On Kubernetes: it has its context; whoever started it may go. */
  z.object({ type: z.literal('received') }),
  /** On Kubernetes: what the image registry did to it. The image's builder says less. */
  z.object({ type: z.literal('registry'), reason: z.enum(['REGISTRY_UNAVAILABLE', 'REGISTRY_DENIED', 'REGISTRY_FULL']), message: z.string() }),
]);
export type BuildReport = z.infer<typeof buildReport>;

/** A build waits for a builder. */
export const buildQueued = work('BUILDS', 'builds.queued', z.object({ buildId: z.uuid(), appId: z.uuid() }));

/** Take a queued build: starts the lease. BusError `NOT_CLAIMABLE`: drop it; `APP_BUSY`: another build of the app runs, try again later. */
export const buildClaim = query('build.claim', z.object({ buildId: z.uuid(), builderId: z.string() }), buildContext);

/** The builds that a builder of this name holds: one that was killed takes them up when it is back. */
export const buildHeld = query('build.held', z.object({ builderId: z.string() }), z.object({ buildIds: z.array(z.uuid()) }));

/** Renew the lease (30 s). `lost`: another may have it, stop and report nothing. */
export const buildHeartbeat = query('build.heartbeat', z.object({ buildId: z.uuid(), builderId: z.string() }),
  z.object({ canceled: z.boolean(), lost: z.boolean() }));

/** Steps began or ended; the same index comes again with its end. */
export const buildStepsReported = query('build.steps', z.object({ buildId: z.uuid(), builderId: z.string(), steps: z.array(buildStep) }), z.object({}));

/** The verdict, asked until it is answered; the first one counts. */
export const buildFinished = query('build.finished', z.object({ buildId: z.uuid(), builderId: z.string(), outcome: buildOutcome }), z.object({}));

/** Somebody cancelled a build: its builder need not wait for the next heartbeat. */
export const buildCanceled = notice('build.canceled', z.object({ buildId: z.uuid() }));
