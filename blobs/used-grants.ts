import type { Grant } from './signature.ts';
import type { StoredBlob } from './store.ts';

/** What was stored by which URL, until it expires. In memory: after a restart each URL may store once more. */
export interface UsedGrants {
  /** `busy`: it is being used just now. */
  begin(grant: Pick<Grant, 'nonce' | 'expires'>): { end(stored: StoredBlob | null): void } | { stored: StoredBlob } | 'busy';
}

export function createUsedGrants(now: () => number = Date.now): UsedGrants {
  const used = new Map<string, { expires: number; stored: StoredBlob | null }>();
  const forgetExpired = (): void => { for (const [nonce, { expires }] of used) if (expires * 1000 < now()) used.delete(nonce); };
  return {
    begin: ({ nonce, expires }) => {
      const known = used.get(nonce);
      if (known) return known.stored ? { stored: known.stored } : 'busy';
      forgetExpired();
      const use = { expires, stored: null as StoredBlob | null };
      used.set(nonce, use);
      return { end: (stored) => { if (stored) use.stored = stored; else used.delete(nonce); } };
    },
  };
}
