import type { AppView } from './view.ts';

type Attended = Pick<AppView, 'attend' | 'isAttended' | 'rest'>;

/** Decides which apps are attended to: the few of which something was heard last. The others rest, and cost one watch each, and a look when something happens. */
export interface Attention {
  /** Work on the app begins: it does not rest before that has ended. */
  begin(appId: string): void;
  /** @param isQuiet nothing was heard of it, and nothing was to be done: where there are many apps it may rest at once */
  end(appId: string, view: Attended, isQuiet: boolean): void;
  /** There are so few apps that each is always attended to. */
  isForAll(): boolean;
  forget(appId: string): void;
}

/** So many are attended to. Where there are no more, each of them always is: what a hand changes is put back at once. */
const MOST = 300;

export function createAttention(apps: () => number, most = MOST): Attention {
  /** Whoever was heard of longest ago comes first. */
  const attended = new Map<string, Attended>();
  const working = new Set<string>();
  return {
    isForAll: () => apps() <= most,
    begin: (appId) => { working.add(appId); },
    end: (appId, view, isQuiet) => {
      working.delete(appId);
      if (isQuiet && !view.isAttended() && apps() > most) { view.rest(); return; }
      view.attend();
      if (!isQuiet || !attended.has(appId)) { attended.delete(appId); attended.set(appId, view); }
      for (const [id, other] of attended) {
        if (attended.size <= most) return;
        if (working.has(id)) continue;
        attended.delete(id);
        other.rest();
      }
    },
    forget: (appId) => { attended.delete(appId); working.delete(appId); },
  };
}
