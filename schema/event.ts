import type { EventData } from '../platform/event.ts';
import { accountEvents } from './account-event.ts';
import { builder } from './builder.ts';
import { interfaces, named } from './event-details.ts';
import type { TypedEvent } from './event-row.ts';
import { ProcessSizeRef } from './process.ts';
import { peopleEvents } from './people-event.ts';
import { ReleaseReasonRef } from './release.ts';

const buildEvent = <T extends 'BuildQueued' | 'BuildStarted' | 'BuildSucceeded' | 'BuildFailed' | 'BuildCancelRequested' | 'BuildCanceled' | 'BuildSuperseded'>(type: T, description: string) => {
  const ref = builder.objectType(named(type), { description, interfaces });
  builder.objectField(ref, 'build', (t) => t.prismaField({
    type: 'Build', description: 'The build, as it is now.',
    resolve: (query, { data }, _args, { platform }) => platform.db.build.findUniqueOrThrow({ ...query, where: { id: data.buildId } }),
  }));
  return ref;
};

const releaseEvent = <T extends 'ReleaseCreated' | 'ReleaseRollingOut' | 'ReleaseLive' | 'ReleaseFailed' | 'ReleaseSuperseded'>(type: T, description: string) => {
  const ref = builder.objectType(named(type), { description, interfaces });
  builder.objectField(ref, 'release', (t) => t.prismaField({
    type: 'Release', description: 'The release, as it is now.',
    resolve: (query, { data }, _args, { platform }) => platform.db.release.findUniqueOrThrow({ ...query, where: { id: data.releaseId } }),
  }));
  return ref;
};

const BuildQueued = buildEvent('BuildQueued', 'A push asked for a build.');
builder.objectField(BuildQueued, 'commit', (t) => t.string({ description: 'The pushed commit.', resolve: ({ data }) => data.commit }));
const BuildStarted = buildEvent('BuildStarted', 'A builder took the build.');
const BuildSucceeded = buildEvent('BuildSucceeded', 'The build made a slug.');
builder.objectField(BuildSucceeded, 'slugDigest', (t) => t.string({ description: 'The slug\'s digest.', resolve: ({ data }) => data.slugDigest }));
const BuildFailed = buildEvent('BuildFailed', 'The build failed: the end of its deploy. `build { failure { reason lines } }` tells more.');
builder.objectFields(BuildFailed, (t) => ({
  message: t.string({ description: 'What happened, for people.', resolve: ({ data }) => data.message }),
  hint: t.string({ nullable: true, description: 'What to do about it.', resolve: ({ data }) => data.hint }),
}));
const BuildCancelRequested = buildEvent('BuildCancelRequested', 'Somebody asked for the end of the running build; `BuildCanceled` follows as soon as it has stopped.');
const BuildCanceled = buildEvent('BuildCanceled', 'Somebody stopped the build: the end of its deploy.');
const BuildSuperseded = buildEvent('BuildSuperseded', 'A newer push took its place: the end of its deploy.');
builder.objectField(BuildSuperseded, 'by', (t) => t.string({ description: 'The commit that took its place.', resolve: ({ data }) => data.by }));

const ReleaseCreated = releaseEvent('ReleaseCreated', 'There is a new release.');
builder.objectFields(ReleaseCreated, (t) => ({
  reason: t.field({ type: ReleaseReasonRef, description: 'What made it.', resolve: ({ data }) => data.reason }),
  description: t.string({ description: 'What changed, for people.', resolve: ({ data }) => data.description }),
}));
const ReleaseRollingOut = releaseEvent('ReleaseRollingOut', 'Its rollout began.');
const ReleaseLive = releaseEvent('ReleaseLive', 'It took over: the good end of its deploy.');
const ReleaseFailed = releaseEvent('ReleaseFailed', 'Its rollout failed, and the old release goes on serving: the end of its deploy. `release { failure { reason lines } }` tells more.');
builder.objectFields(ReleaseFailed, (t) => ({
  message: t.string({ description: 'What happened, for people.', resolve: ({ data }) => data.message }),
  hint: t.string({ nullable: true, description: 'What to do about it.', resolve: ({ data }) => data.hint }),
  exitCode: t.int({ nullable: true, description: 'What the program ended with; null where none ended.', resolve: ({ data }) => data.exitCode }),
}));
const ReleaseSuperseded = releaseEvent('ReleaseSuperseded', 'A newer release came before it took over: the end of its deploy.');

const AppCreated = builder.objectType(named('AppCreated'), {
  description: 'The app was made.', interfaces,
  fields: (t) => ({ name: t.string({ description: 'Its name.', resolve: ({ data }) => data.name }) }),
});
const AppDeleted = builder.objectType(named('AppDeleted'), {
  description: 'The app was deleted; nothing comes after this.', interfaces,
  fields: (t) => ({ name: t.string({ description: 'Its name.', resolve: ({ data }) => data.name }) }),
});
const ConfigChanged = builder.objectType(named('ConfigChanged'), {
  description: 'Config keys were set or unset.', interfaces,
  fields: (t) => ({
    set: t.stringList({ description: 'Keys that were set.', resolve: ({ data }) => data.set }),
    unset: t.stringList({ description: 'Keys that were taken away.', resolve: ({ data }) => data.unset }),
  }),
});
const ScaledProcess = builder.objectRef<EventData<'ProcessesScaled'>['processes'][number]>('ScaledProcess').implement({
  description: 'What is wanted of a process type since then.',
  fields: (t) => ({
    type: t.exposeString('type', { description: 'The process type.' }),
    quantity: t.exposeInt('quantity', { description: 'How many replicas.' }),
    size: t.field({ type: ProcessSizeRef, description: 'How large each.', resolve: ({ size }) => size as 'SMALL' }),
  }),
});
const ProcessesScaled = builder.objectType(named('ProcessesScaled'), {
  description: 'Another number or size of replicas is wanted.', interfaces,
  fields: (t) => ({ processes: t.field({ type: [ScaledProcess], description: 'The process types that changed.', resolve: ({ data }) => data.processes }) }),
});
const ReplicasRestarted = builder.objectType(named('ReplicasRestarted'), {
  description: 'A restart was asked for.', interfaces,
  fields: (t) => ({
    process: t.string({ nullable: true, description: 'Of this process type only; null: of all.', resolve: ({ data }) => data.process }),
    replica: t.string({ nullable: true, description: 'Of this replica only, by name; null: of all.', resolve: ({ data }) => data.replica }),
  }),
});
const ReplicaCrashed = builder.objectType(named('ReplicaCrashed'), {
  description: 'A replica ended by itself, and is started again.', interfaces,
  fields: (t) => ({
    name: t.string({ description: 'The replica\'s name: `web.1`.', resolve: ({ data }) => `${data.process}.${data.index}` }),
    exitCode: t.int({ nullable: true, description: 'What it ended with; null where a signal ended it.', resolve: ({ data }) => data.exitCode }),
    exitReason: t.string({ nullable: true, description: 'Why it ended, for people.', resolve: ({ data }) => data.exitReason }),
    restarts: t.int({ description: 'How often it was started again by now.', resolve: ({ data }) => data.restarts }),
  }),
});
const ApiKeyCreated = builder.objectType(named('ApiKeyCreated'), {
  description: 'An API key was made.', interfaces,
  fields: (t) => ({ name: t.string({ description: 'The key\'s name.', resolve: ({ data }) => data.name }) }),
});
const ApiKeyRevoked = builder.objectType(named('ApiKeyRevoked'), {
  description: 'An API key was revoked.', interfaces,
  fields: (t) => ({ name: t.string({ description: 'The key\'s name.', resolve: ({ data }) => data.name }) }),
});
const keyEvent = <T extends 'KeyRotationStarted' | 'KeyRotated'>(type: T, description: string) => builder.objectType(named(type), {
  description, interfaces, fields: (t) => ({ keyId: t.string({ description: 'The id of the new key.', resolve: ({ data }) => data.keyId }) }),
});
const KeyRotationStarted = keyEvent('KeyRotationStarted', 'An administrator began to replace the encryption key.');
const KeyRotated = keyEvent('KeyRotated', 'Everything is under the new encryption key.');

const deployTypes = [BuildQueued, BuildStarted, BuildSucceeded, BuildFailed, BuildCancelRequested, BuildCanceled, BuildSuperseded, ReleaseCreated, ReleaseRollingOut, ReleaseLive, ReleaseFailed, ReleaseSuperseded, AppDeleted] as const;

export const EventRef = builder.unionType('Event', {
  description: 'What happened: who did what, and when.',
  types: [...deployTypes, AppCreated, ConfigChanged, ProcessesScaled, ReplicasRestarted, ReplicaCrashed, ApiKeyCreated, ApiKeyRevoked, KeyRotationStarted, KeyRotated, ...peopleEvents, ...accountEvents],
  resolveType: (event) => (event as TypedEvent).type,
});

export const DeployEventRef = builder.unionType('DeployEvent', {
  description: 'A step of a deploy. Its last one is BuildFailed, BuildCanceled, BuildSuperseded, ReleaseLive, ReleaseFailed, ReleaseSuperseded or AppDeleted.',
  types: [...deployTypes],
  resolveType: (event) => (event as TypedEvent).type,
});
