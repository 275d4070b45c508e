import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { connectBus } from '../../bus/connect.ts';
import type { Bus } from '../../bus/connect.ts';
import type { BusProcess } from '../../bus/permissions.ts';
import { findNatsServer } from '../../standalone/find-nats.ts';
import { natsSeedFile, startNats as start } from '../../standalone/nats.ts';
import { freePort } from './free-port.ts';
import { endChild } from './processes.ts';
import { makeTemp } from './temp.ts';
import type { Scope } from './temp.ts';

export interface TestNats {
  url: string;
  seedFile(process: BusProcess): string;
  /** A connection with exactly the rights of this process. */
  bus(process: BusProcess): Promise<Bus>;
  stop(): Promise<void>;
  /** kill -9, then again on the same port and directory; `withoutData`: as after the loss of its disk. */
  restart(options?: { withoutData: boolean }): Promise<void>;
}

/** A NATS server of this test's own, with the credentials and permissions of the product. */
export async function startNats(scope: Scope): Promise<TestNats> {
  // A directory that goes before its server has ended may be written to while it goes.
  let removeDir = (): Promise<void> => Promise.resolve();
  const dir = await makeTemp({ after: (fn) => { removeDir = fn; } }, 'slip-nats-');
  const keyDir = join(dir, 'keys');
  const server = await findNatsServer(join(dir, 'bin'), () => undefined);
  const launch = (port: number) => start({ server, dir: join(dir, 'nats'), keyDir, port }, () => undefined);
  let nats = await launch(await freePort());
  const buses: Bus[] = [];
  const end = (signal: NodeJS.Signals): Promise<void> => endChild(nats.child, signal);
  scope.after(async () => {
    await Promise.all(buses.map((bus) => bus.nc.close()));
    await end('SIGKILL');
    await removeDir();
  });
  return {
    url: nats.url,
    seedFile: (name) => natsSeedFile(keyDir, name),
    bus: async (name) => {
      const bus = await connectBus({ url: nats.url, process: name, seedFile: natsSeedFile(keyDir, name) });
      buses.push(bus);
      return bus;
    },
    stop: () => end('SIGTERM'),
    restart: async ({ withoutData } = { withoutData: false }) => {
      await end('SIGKILL');
      if (withoutData) await rm(join(dir, 'nats/jetstream'), { recursive: true });
      nats = await launch(nats.port);
    },
  };
}
