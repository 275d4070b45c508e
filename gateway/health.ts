import type { Platform } from '../platform/platform.ts';

export interface Readiness { ready: boolean; database: 'ok' | 'away'; nats: 'ok' | 'away' }

const ANSWER_MS = 2_000;

/** Whether what the gateway needs answers now, each within two seconds. */
export async function readiness({ db, bus }: Pick<Platform, 'db' | 'bus'>): Promise<Readiness> {
  const [database, nats] = await Promise.all([answers(db.$queryRaw`SELECT 1`), answers(bus.nc.rtt())]);
  return { ready: database && nats, database: database ? 'ok' : 'away', nats: nats ? 'ok' : 'away' };
}

function answers(asked: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => { resolve(false); }, ANSWER_MS);
    asked.then(() => { clearTimeout(timer); resolve(true); }, () => { clearTimeout(timer); resolve(false); });
  });
}
