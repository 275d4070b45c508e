import { notify } from '../../bus/ask.ts';
import { eventsWritten } from '../../bus/app.ts';
import type { Replica } from '../../prisma/generated/client/client.ts';
import type { ReplicaStatus } from '../../prisma/generated/client/enums.ts';
import { changeApp } from '../app/change-app.ts';
import { assertLead, CONTROLLER_LEASE } from '../lease.ts';
import type { Leadership } from '../lease.ts';
import type { Platform } from '../platform.ts';
import { storedText } from '../stored-text.ts';

export interface SeenReplica {
  id: string; releaseId: string; process: string; index: number; status: ReplicaStatus; restarts: number;
  exitCode: number | null; exitReason: string | null; startedAt: Date; readyAt: Date | null;
}

/** Writes down what the cluster reports of an app's replicas, in a few statements whatever their number; nothing where nothing changed. */
export async function recordReplicas(platform: Platform, lead: Leadership, appId: string, seen: readonly SeenReplica[]): Promise<void> {
  const known = new Map((await platform.db.replica.findMany({ where: { appId, endedAt: null } })).map((replica) => [replica.id, replica]));
  const live = seen.filter(({ status }) => status !== 'EXITED').map((replica) => ({ ...replica, exitReason: replica.exitReason && storedText(replica.exitReason) }));
  const changed = live.filter((replica) => differs(known.get(replica.id), replica));
  const there = new Set(live.map(({ id }) => id));
  const gone = [...known.keys()].filter((id) => !there.has(id));
  if (changed.length + gone.length === 0) return;
  const crashed = changed.filter((replica) => replica.restarts > (known.get(replica.id)?.restarts ?? 0));
  await changeApp(platform, appId, { bump: false }, async ({ tx, event }) => {
    await assertLead(tx, CONTROLLER_LEASE, lead);
    if (changed.length > 0) {
      const rows = JSON.stringify(changed.map((replica) => ({ ...replica, appId })));
      await tx.$executeRaw`
        INSERT INTO "Replica" (id, "appId", "releaseId", process, index, status, restarts, "exitCode", "exitReason", "startedAt", "readyAt")
        SELECT id, "appId", "releaseId", process, index, status::"ReplicaStatus", restarts, "exitCode", "exitReason", "startedAt", "readyAt"
        FROM jsonb_to_recordset(${rows}::jsonb) AS r(id uuid, "appId" uuid, "releaseId" uuid, process text, index int, status text, restarts int, "exitCode" int, "exitReason" text, "startedAt" timestamptz, "readyAt" timestamptz)
        ON CONFLICT (id) DO UPDATE SET "releaseId" = excluded."releaseId", status = excluded.status, restarts = excluded.restarts, "exitCode" = excluded."exitCode",
          "exitReason" = excluded."exitReason", "startedAt" = excluded."startedAt", "readyAt" = excluded."readyAt", "endedAt" = NULL`;
    }
    if (gone.length > 0) await tx.replica.updateMany({ where: { id: { in: gone } }, data: { status: 'EXITED', endedAt: new Date() } });
    for (const { process, index, exitCode, exitReason, restarts } of crashed) event('ReplicaCrashed', { process, index, exitCode, exitReason, restarts });
  });
  // Subscribers of `replicas` read the rows again.
  const app = await platform.db.app.findUnique({ where: { id: appId }, select: { lastEvent: true } });
  if (app) notify(platform.bus, eventsWritten, { appId, number: app.lastEvent });
}

function differs(known: Replica | undefined, seen: SeenReplica): boolean {
  return known === undefined || known.status !== seen.status || known.restarts !== seen.restarts || known.releaseId !== seen.releaseId
    || known.exitCode !== seen.exitCode || known.exitReason !== seen.exitReason || known.readyAt?.getTime() !== seen.readyAt?.getTime();
}
