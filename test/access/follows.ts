import { headersOf } from './ask.ts';
import type { Rule } from './rules.ts';
import type { Visitor, World } from './world.ts';

/** A subscription, who may follow it, and arguments with which it has something to tell at once. */
interface Follow { rule: Rule; args: (world: World) => string }

/** Every subscription. One that stands nowhere fails the test: decide who may follow it. */
export const follows: Record<string, Follow> = {
  appEvents: { rule: 'read', args: ({ app, firstEvent }) => `app: "${app.id}", after: "${firstEvent}"` },
  appLogs: { rule: 'read', args: ({ app }) => `app: "${app.id}"` },
  buildLogs: { rule: 'read', args: ({ ids }) => `build: "${ids.build}"` },
  deployEvents: { rule: 'read', args: ({ ids }) => `deploy: "${ids.build}"` },
  replicas: { rule: 'read', args: ({ app }) => `app: "${app.id}"` },
};

/** Whether a visitor is told anything: the first event, or a refusal. */
export async function isLetFollow(world: World, visitor: Visitor, name: string, { args }: Follow): Promise<boolean> {
  const { authorization, ...headers } = headersOf(world, visitor);
  const client = world.gateway.socket(null, { headers, ...(authorization === undefined ? {} : { connectionParams: { authorization } }) });
  try {
    for await (const { errors } of client.iterate({ query: `subscription { ${name}(${args(world)}) { __typename } }` })) return errors === undefined;
    return false;
  } catch {
    return false;
  } finally {
    await client.dispose();
  }
}
