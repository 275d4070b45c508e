import { notify } from '../bus/ask.ts';
import { accessChanged } from '../bus/app.ts';
import type { Platform } from './platform.ts';

/** What lives by one key or session ends, everywhere; without either, all that lives by its user's. */
export function tellAccess({ bus }: Pick<Platform, 'bus'>, { userId, apiKeyId = null, sessionId = null }: { userId: string; apiKeyId?: string | null; sessionId?: string | null }): void {
  notify(bus, accessChanged, { userId, apiKeyId, sessionId });
}

/** What lives by somebody's former rights ends, and comes back with the new ones. */
export function tellRights(platform: Pick<Platform, 'bus'>, ...userIds: string[]): void {
  for (const userId of userIds) tellAccess(platform, { userId });
}
