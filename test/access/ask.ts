import type { GraphqlAnswer } from '../kit/gateway.ts';
import type { Visitor, World } from './world.ts';

/** What a visitor sends to prove who they are. */
export function headersOf({ credentials, gateway }: World, visitor: Visitor): Record<string, string> {
  const { secret, cookie } = credentials[visitor];
  return {
    ...(secret === null ? {} : { authorization: `Bearer ${secret}` }),
    ...(cookie === null ? {} : { cookie: `slipway_session=${cookie}`, origin: gateway.platform.settings.url }),
  };
}

/** One operation of a visitor's. */
export async function ask(world: World, visitor: Visitor, query: string): Promise<Partial<GraphqlAnswer<Record<string, unknown>>>> {
  const answer = await world.gateway.http('/graphql', { method: 'POST', body: JSON.stringify({ query }), headers: { 'content-type': 'application/json', ...headersOf(world, visitor) } });
  return JSON.parse(answer.text) as Partial<GraphqlAnswer<Record<string, unknown>>>;
}
