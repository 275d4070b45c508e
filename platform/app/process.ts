import type { App } from '../../prisma/generated/client/client.ts';
import type { ProcessSize } from '../../prisma/generated/client/enums.ts';
import { isUuid } from '../access.ts';
import type { Actor } from '../access.ts';
import type { Platform } from '../platform.ts';
import { storedText } from '../stored-text.ts';
import { InvalidInput, NotFound } from '../user-error.ts';
import { openApp } from './change-app-as.ts';
import type { AppChange } from './change-app.ts';

const MB = 1024 * 1024;

/** What a size gives a replica. */
export const sizeMemoryBytes: Record<ProcessSize, number> = { SMALL: 512 * MB, MEDIUM: 1024 * MB, LARGE: 2048 * MB, XLARGE: 4096 * MB };

const MAX_QUANTITY = 100;

export interface ScaleInput {
  app: string;
  processes: readonly { type: string; quantity?: number | null | undefined; size?: ProcessSize | null | undefined }[];
  expectedVersion?: number | null | undefined;
}

/** Sets how many replicas of each process type are wanted, and how large; what is so already is no change. Throws InvalidInput, NotFound, Forbidden, VersionConflict. */
export async function scale(platform: Platform, actor: Actor, input: ScaleInput): Promise<App> {
  const { app: { id }, change } = await openApp(platform, actor, input.app, 'deploy');
  if (input.processes.length === 0) throw new InvalidInput('Name at least one process type.', { path: ['input', 'processes'] });
  await change({ expectedVersion: input.expectedVersion }, async ({ tx, event }) => {
    const known = new Map((await tx.process.findMany({ where: { appId: id } })).map((process) => [process.type, process]));
    const scaled: { type: string; quantity: number; size: ProcessSize }[] = [];
    for (const [index, wanted] of input.processes.entries()) {
      const path = ['input', 'processes', String(index)];
      const process = known.get(wanted.type);
      if (!process) throw new InvalidInput(`The app has no process type "${wanted.type}"; it has ${[...known.keys()].join(', ') || 'none yet: push first'}.`, { path: [...path, 'type'] });
      if (input.processes.findIndex(({ type }) => type === wanted.type) !== index) throw new InvalidInput(`${wanted.type} is named twice.`, { path: [...path, 'type'] });
      const quantity = wanted.quantity ?? process.quantity;
      if (quantity < 0 || quantity > MAX_QUANTITY) throw new InvalidInput(`A quantity is 0 to ${MAX_QUANTITY}.`, { path: [...path, 'quantity'] });
      const size = wanted.size ?? process.size;
      if (quantity === process.quantity && size === process.size) continue;
      await tx.process.update({ where: { id: process.id }, data: { quantity, size } });
      scaled.push({ type: wanted.type, quantity, size });
    }
    if (scaled.length > 0) event('ProcessesScaled', { processes: scaled });
  });
  return platform.db.app.findUniqueOrThrow({ where: { id } });
}

export interface RestartInput { app: string; process?: string | null | undefined; replica?: string | null | undefined }

/** Replaces replicas by new ones, new beside old: all, those of a process type, or one. Throws InvalidInput, NotFound, Forbidden. */
export async function restart(platform: Platform, actor: Actor, input: RestartInput): Promise<App> {
  const { app, change } = await openApp(platform, actor, input.app, 'deploy');
  await change({}, (under) => (input.replica != null ? restartReplica(under, input.replica) : restartProcesses(under, input.process ?? null)));
  return platform.db.app.findUniqueOrThrow({ where: { id: app.id } });
}

async function restartReplica({ tx, app, event }: AppChange, replicaId: string): Promise<void> {
  const replica = isUuid(replicaId) ? await tx.replica.findFirst({ where: { id: replicaId, appId: app.id, status: { not: 'EXITED' } } }) : null;
  if (!replica) throw new NotFound('replica', replicaId, { path: ['input', 'replica'] });
  await tx.replica.update({ where: { id: replica.id }, data: { replaceRequestedAt: new Date() } });
  event('ReplicasRestarted', { process: replica.process, replica: `${replica.process}.${replica.index}` });
}

async function restartProcesses({ tx, app, event }: AppChange, type: string | null): Promise<void> {
  const { count } = await tx.process.updateMany({ where: { appId: app.id, ...(type === null ? {} : { type: storedText(type) }) }, data: { restarts: { increment: 1 } } });
  if (type !== null && count === 0) throw new InvalidInput(`The app has no process type "${type}".`, { path: ['input', 'process'], hint: 'slipway ps lists them.' });
  event('ReplicasRestarted', { process: type, replica: null });
}

/** Rows for the process types of a new slug: one web, none of the others until they are scaled. Types it no longer has keep their row for its return. */
export async function addProcesses({ tx, app }: AppChange, types: readonly string[]): Promise<void> {
  await tx.process.createMany({ data: types.map((type) => ({ appId: app.id, type, quantity: type === 'web' ? 1 : 0 })), skipDuplicates: true });
}
