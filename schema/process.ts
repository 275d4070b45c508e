import * as platform from '../platform/app/process.ts';
import { sizeMemoryBytes } from '../platform/app/process.ts';
import { slugProcessTypes } from '../platform/build/slug.ts';
import { Forbidden, InvalidInput, NotFound, VersionConflict } from '../platform/user-error.ts';
import type { App } from '../prisma/generated/client/client.ts';
import type { ProcessSize } from '../prisma/generated/client/enums.ts';
import { AppRef } from './app.ts';
import { builder } from './builder.ts';
import { requireActor } from './context.ts';
import { ReplicaRef } from './replica.ts';

export const ProcessSizeRef = builder.enumType('ProcessSize', {
  description: 'How large a replica is.',
  values: {
    SMALL: { description: '512 MiB of memory.' }, MEDIUM: { description: '1 GiB of memory.' }, LARGE: { description: '2 GiB of memory.' }, XLARGE: { description: '4 GiB of memory.' },
  } satisfies Record<ProcessSize, { description: string }>,
});

/** The release that serves: the newest that went live. */
const serving = { where: { status: 'LIVE' }, orderBy: { version: 'desc' }, take: 1 } as const;

builder.prismaObject('Process', {
  description: 'A process type of an app, and how many replicas of it are wanted.',
  fields: (t) => ({
    type: t.exposeString('type', { description: 'Its name in the Procfile.' }),
    command: t.string({
      nullable: true, description: 'The command line of the current release; null where that does not have this process type.',
      select: { app: { select: { releases: { ...serving, select: { slug: { select: { processTypes: true } } } } } } },
      resolve: ({ type, app }) => {
        const slug = app.releases[0]?.slug;
        return (slug && slugProcessTypes(slug).find((process) => process.type === type)?.command) ?? null;
      },
    }),
    quantity: t.exposeInt('quantity', { description: 'How many replicas are wanted.' }),
    size: t.expose('size', { type: ProcessSizeRef, description: 'How large each is.' }),
    memory: t.field({ type: 'ByteCount', description: 'Bytes of memory that each may use.', resolve: ({ size }) => sizeMemoryBytes[size] }),
    replicas: t.field({
      type: [ReplicaRef], description: 'The replicas there are, old and new ones while a release rolls out.',
      select: (_args, _ctx, nestedSelection) => ({ app: { select: { replicas: nestedSelection({ where: { status: { not: 'EXITED' } }, orderBy: [{ index: 'asc' }, { id: 'asc' }] }) } } }),
      resolve: ({ type, app }) => app.replicas.filter((replica) => replica.process === type),
    }),
  }),
});

const ProcessScaleInput = builder.inputType('ProcessScaleInput', {
  description: 'What is wanted of one process type.',
  fields: (t) => ({
    type: t.string({ required: true, description: 'The process type.' }),
    quantity: t.int({ description: 'How many replicas, 0 to 100; as it is, if not said.' }),
    size: t.field({ type: ProcessSizeRef, description: 'How large each; as it is, if not said.' }),
  }),
});

const ScaleInput = builder.inputType('ScaleInput', {
  description: 'What is wanted of an app\'s processes.',
  fields: (t) => ({
    app: t.string({ required: true, description: 'The app\'s name or id.' }),
    processes: t.field({ type: [ProcessScaleInput], required: true, description: 'The process types that change; others stay as they are.' }),
    expectedVersion: t.int({ description: 'The app\'s `version` that you decided on; another one is a VersionConflict.' }),
  }),
});

const ScalePayload = builder.objectRef<{ app: App }>('ScalePayload').implement({
  description: 'The app with its new formation; replicas follow it within moments.',
  fields: (t) => ({ app: t.expose('app', { type: AppRef, description: 'The app.' }) }),
});

const RestartInput = builder.inputType('RestartInput', {
  description: 'What to restart: everything, a process type, or one replica.',
  fields: (t) => ({
    app: t.string({ required: true, description: 'The app\'s name or id.' }),
    process: t.string({ description: 'Only this process type.' }),
    replica: t.id({ description: 'Only this replica.' }),
  }),
});

const RestartPayload = builder.objectRef<{ app: App }>('RestartPayload').implement({
  description: 'The app; new replicas start beside the old, and then those end.',
  fields: (t) => ({ app: t.expose('app', { type: AppRef, description: 'The app.' }) }),
});

builder.mutationFields((t) => ({
  scale: t.field({
    type: ScalePayload, description: 'Sets how many replicas of process types are wanted, and how large.',
    args: { input: t.arg({ type: ScaleInput, required: true, description: 'What is wanted.' }) },
    errors: { types: [NotFound, Forbidden, InvalidInput, VersionConflict], union: { name: 'ScaleResult', description: 'The app, or why it was not scaled.' } },
    resolve: async (_root, { input }, ctx) => ({ app: await platform.scale(ctx.platform, requireActor(ctx), input) }),
  }),
  restart: t.field({
    type: RestartPayload, description: 'Replaces replicas by new ones of the same release, without an interruption.',
    args: { input: t.arg({ type: RestartInput, required: true, description: 'What to restart.' }) },
    errors: { types: [NotFound, Forbidden, InvalidInput], union: { name: 'RestartResult', description: 'The app, or why nothing was restarted.' } },
    resolve: async (_root, { input }, ctx) => ({ app: await platform.restart(ctx.platform, requireActor(ctx), input) }),
  }),
}));
