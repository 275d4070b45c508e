import { ask, BusError } from '../../bus/ask.ts';
import type { Bus } from '../../bus/connect.ts';
import { pushAuthorize } from '../../bus/push.ts';
import { hashSecret } from '../../platform/key/api-key-secret.ts';
import type { Visitor, World } from './world.ts';

/** Whether git lets a visitor in; only API keys come there. */
export async function isLetGit(bus: Bus, { credentials, app }: World, visitor: Visitor, action: 'push' | 'fetch'): Promise<boolean> {
  const { secret } = credentials[visitor];
  if (secret === null) return false;
  try {
    await ask(bus, pushAuthorize, { keyHash: Buffer.from(hashSecret(secret)).toString('hex'), app: app.name, action, address: null });
    return true;
  } catch (error) {
    if (error instanceof BusError && ['UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND'].includes(error.code)) return false;
    throw error;
  }
}
