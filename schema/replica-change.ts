import { requireApp } from '../platform/access.ts';
import type { Replica } from '../prisma/generated/client/client.ts';
import { builder } from './builder.ts';
import type { ApiContext } from './context.ts';
import { requireActor } from './context.ts';
import { live, readPatiently } from './live.ts';
import { ReplicaRef } from './replica.ts';
import { shareReads } from './share-reads.ts';

type ChangeKind = 'THERE' | 'ADDED' | 'CHANGED' | 'ENDED';
interface ReplicaChange { kind: ChangeKind; replica: Replica }

const ReplicaChangeKindRef = builder.enumType('ReplicaChangeKind', {
  description: 'What happened to a replica.',
  values: {
    THERE: { description: 'It was there when you began to look.' }, ADDED: { description: 'It is new.' },
    CHANGED: { description: 'Its status, release or restarts changed.' }, ENDED: { description: 'It ended for good.' },
  } satisfies Record<ChangeKind, { description: string }>,
});

const ReplicaChangeRef = builder.objectRef<ReplicaChange>('ReplicaChange').implement({
  description: 'A replica, and what happened to it.',
  fields: (t) => ({
    kind: t.expose('kind', { type: ReplicaChangeKindRef, description: 'What happened.' }),
    replica: t.expose('replica', { type: ReplicaRef, description: 'The replica as it was then.' }),
  }),
});

/** How often rows are looked at when no hint comes. */
const SWEEP_MS = 5_000;

/** Everything of a replica that a reader sees change. */
const fingerprint = ({ status, restarts, releaseId, exitCode, exitReason, readyAt }: Replica): string =>
  JSON.stringify([status, restarts, releaseId, exitCode, exitReason, readyAt]);

interface ReplicaReads {
  /** The replicas of an app that have not ended; null: the app is gone. */
  there(appId: string): Promise<Replica[] | null>;
  /** Rows by their ids, in one text. */
  ended(ids: string): Promise<Replica[]>;
}

const reads = new WeakMap<ApiContext['wakeUps'], ReplicaReads>();

/** What all who follow replicas in this process read: many of one app, woken at once, read it once. */
function replicaReads({ wakeUps, platform: { db } }: ApiContext): ReplicaReads {
  const known = reads.get(wakeUps);
  if (known) return known;
  const orderBy = [{ process: 'asc' }, { index: 'asc' }, { id: 'asc' }] as const;
  const made: ReplicaReads = {
    there: shareReads(async (appId) => {
      const app = await db.app.findUnique({ where: { id: appId }, select: { deletedAt: true, replicas: { where: { status: { not: 'EXITED' } }, orderBy: [...orderBy] } } });
      return app && !app.deletedAt ? app.replicas : null;
    }),
    ended: shareReads((ids) => db.replica.findMany({ where: { id: { in: ids.split(' ') } }, orderBy: [...orderBy] })),
  };
  reads.set(wakeUps, made);
  return made;
}

async function* followReplicas(ctx: ApiContext, appId: string, signal: AbortSignal): AsyncGenerator<ReplicaChange, void, void> {
  const { there, ended } = replicaReads(ctx);
  const bell = ctx.wakeUps.bell(appId);
  const known = new Map<string, string>();
  try {
    for (let first = true; !signal.aborted; first = false) {
      const rows = await readPatiently(() => there(appId), signal);
      const ids = new Set(rows?.map(({ id }) => id));
      const missing = [...known.keys()].filter((id) => !ids.has(id)).join(' ');
      const gone = missing === '' ? [] : await readPatiently(() => ended(missing), signal);
      for (const replica of [...gone, ...rows ?? []]) {
        const before = known.get(replica.id);
        const now = fingerprint(replica);
        if (before === now) continue;
        if (replica.status === 'EXITED') known.delete(replica.id); else known.set(replica.id, now);
        yield { kind: replica.status === 'EXITED' ? 'ENDED' : before !== undefined ? 'CHANGED' : first ? 'THERE' : 'ADDED', replica };
      }
      if (!rows) return;
      await bell.wait(SWEEP_MS, signal);
    }
  } finally {
    bell.close();
  }
}

builder.subscriptionField('replicas', (t) => t.field({
  type: ReplicaChangeRef, description: 'The replicas of an app: first those there are, then each change. Ends when the app is deleted.',
  args: { app: t.arg.string({ required: true, description: 'The app\'s name or id.' }) },
  subscribe: async (_root, { app }, ctx) => {
    const { id } = await requireApp(ctx.platform.db, requireActor(ctx), app, 'read');
    return live(ctx, (signal) => followReplicas(ctx, id, signal));
  },
  resolve: (change) => change,
}));
