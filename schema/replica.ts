import type { ReplicaStatus } from '../prisma/generated/client/enums.ts';
import { builder } from './builder.ts';

const ReplicaStatusRef = builder.enumType('ReplicaStatus', {
  description: 'Where a replica is.',
  values: {
    STARTING: { description: 'It was started, and is not ready yet.' },
    UP: { description: 'It runs, and listens where it has to.' },
    BACKING_OFF: { description: 'It ended, and is started again after a pause.' },
    STOPPING: { description: 'It gets no new requests and is about to end.' },
    EXITED: { description: 'It ended for good.' },
  } satisfies Record<ReplicaStatus, { description: string }>,
});

export const ReplicaRef = builder.prismaNode('Replica', {
  id: { field: 'id', description: 'The replica\'s id.' },
  description: 'One running copy of a process.',
  fields: (t) => ({
    name: t.string({ description: 'Its process type and index: `web.1`.', resolve: ({ process, index }) => `${process}.${index}` }),
    process: t.exposeString('process', { description: 'Its process type.' }),
    index: t.exposeInt('index', { description: 'Counts within its process type, from 1.' }),
    release: t.relation('release', { description: 'The release it runs.' }),
    status: t.expose('status', { type: ReplicaStatusRef, description: 'Where it is.' }),
    restarts: t.exposeInt('restarts', { description: 'How often it was started again after it ended by itself.' }),
    exitCode: t.exposeInt('exitCode', { nullable: true, description: 'What it last ended with; null where it never did, or a signal ended it.' }),
    exitReason: t.exposeString('exitReason', { nullable: true, description: 'Why it last ended, for people.' }),
    startedAt: t.expose('startedAt', { type: 'DateTime', description: 'When it was last started.' }),
    readyAt: t.expose('readyAt', { type: 'DateTime', nullable: true, description: 'When it was ready; null before.' }),
    endedAt: t.expose('endedAt', { type: 'DateTime', nullable: true, description: 'When it ended for good; null before.' }),
  }),
});
