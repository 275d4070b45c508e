import type { TestContext } from 'node:test';
import { AppState, CreateApp, DeleteApp } from './documents.ts';
import type { TestAppStateQuery } from '../gql/graphql.ts';
import { makeRepository } from './repository.ts';
import type { Repository } from './repository.ts';
import type { Slipway } from './slipway.ts';
import { until } from './wait.ts';

export type AppSnapshot = NonNullable<TestAppStateQuery['app']>;

export interface TestApp {
  name: string;
  id: string;
  repository: Repository;
  state(): Promise<AppSnapshot>;
  /** The text the app answers at a path; throws on a status other than 200. */
  read(path?: string): Promise<string>;
  /** Waits until the app's state is as wanted. */
  untilState(what: string, condition: (state: AppSnapshot) => boolean, within?: number): Promise<AppSnapshot>;
}

let count = 0;

/** An app of the first user, with a repository whose remote it is. */
export async function createApp(t: TestContext | { after(fn: () => Promise<void>): void }, slipway: Slipway, prefix = 'app'): Promise<TestApp> {
  const name = `${prefix}-${++count}-${process.pid}`;
  const { createApp: result } = await slipway.query(CreateApp, { name });
  if (result.__typename !== 'CreateAppPayload') throw new Error(JSON.stringify(result));
  // In a cluster it would take room from the apps of later tests.
  if (slipway.place === 'kubernetes') t.after(async () => { await slipway.query(DeleteApp, { app: name, confirm: name }); });
  const repository = await makeRepository(t, slipway, name);
  const state = async (): Promise<AppSnapshot> => {
    const { app } = await slipway.query(AppState, { name });
    if (!app) throw new Error(`no app ${name}`);
    return app;
  };
  return {
    name, id: result.app.id, repository, state,
    read: async (path = '/') => {
      const answer = await slipway.get(path, { app: name });
      if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}: ${answer.text.slice(0, 500)}`);
      return answer.text;
    },
    untilState: async (what, condition, within = 60_000) => {
      let last: AppSnapshot | undefined;
      await until(async () => { last = await state(); return condition(last); }, { within, what: () => `${what}; it is ${JSON.stringify(last, null, 1)}` });
      return last as AppSnapshot;
    },
  };
}
