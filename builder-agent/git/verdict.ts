import type { DeployState } from '../../bus/push.ts';

/** How a deploy ended, as git is told: null is well. */
export interface Verdict { error: string | null }

type Say = (line: string) => void;

/** Tells the pusher why there is no slug. */
export function tellBuildFailure({ build }: DeployState, say: Say): Verdict {
  if (build.status === 'SUPERSEDED') {
    const by = build.supersededBy?.slice(0, 8) ?? 'a newer push';
    say(` !     This push was superseded by ${by}; it was not built.`);
    return { error: `superseded by ${by}` };
  }
  if (build.status === 'CANCELED') {
    say(' !     The build was canceled.');
    return { error: 'build canceled' };
  }
  const { failure } = build;
  say('');
  say(` !     Build ${build.number} failed: ${failure?.message ?? 'for an unknown reason'}`);
  if (failure?.hint) say(` !     ${failure.hint}`);
  return { error: `build failed: ${failure?.reason ?? 'INTERNAL'}` };
}

/** Tells the pusher what became of the release. */
export function tellRelease({ release }: DeployState, say: Say): Verdict {
  if (!release) return { error: 'no release was made' };
  if (release.status === 'LIVE') {
    say(`-----> Launched: v${release.version} is live at ${release.url}`);
    return { error: null };
  }
  if (release.status === 'SUPERSEDED') {
    say(` !     v${release.version} was superseded by a newer release before it was live.`);
    return { error: `release v${release.version} was superseded` };
  }
  const { failure, rolledBack } = release;
  say('');
  say(` !     Release v${release.version} failed: ${failure?.message ?? 'for an unknown reason'}`);
  for (const line of failure?.lines ?? []) say(` !         ${line}`);
  if (failure?.hint) say(` !     ${failure.hint}`);
  say(rolledBack ? ` !     v${rolledBack.to} never stopped serving; v${rolledBack.version} restores it.` : ' !     Nothing serves: there was no earlier release that was live.');
  say(' !     The branch stays where it was: push again to try again.');
  return { error: `release v${release.version} failed: ${failure?.reason ?? 'INTERNAL'}` };
}
