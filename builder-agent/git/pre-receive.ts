import { ask } from '../../bus/ask.ts';
import type { Bus } from '../../bus/connect.ts';
import { pushUnfinished } from '../../bus/push.ts';
import { gitOrNull, isAncestor } from './git.ts';
import type { HookAnswer, HookQuestion, Push, Pusher, RefCommand } from './pushes.ts';
import { DEPLOY_REFS } from './repository.ts';

const isZero = (id: string): boolean => /^0+$/.test(id);

/** What can be refused at once, before anything of the push is kept. */
export async function preReceive(bus: Bus, dir: string, { commands, quarantine }: HookQuestion, push: Push, { say }: Pusher): Promise<HookAnswer> {
  const deploys = commands.filter(({ ref }) => DEPLOY_REFS.includes(ref));
  const refused = whyRefused(commands, deploys) ?? await whyNotNow(bus, dir, deploys, quarantine, push.appId);
  if (refused !== null) {
    say(` !     ${refused}`);
    return { exit: 1 };
  }
  for (const { ref } of commands) if (!DEPLOY_REFS.includes(ref)) say(`-----> ${ref.replace(/^refs\/(heads|tags)\//, '')} is stored; only main and master are deployed.`);
  return { exit: 0 };
}

function whyRefused(commands: RefCommand[], deploys: RefCommand[]): string | null {
  const foreign = commands.find(({ ref }) => !/^refs\/(heads|tags)\//.test(ref));
  if (foreign) return `${foreign.ref} cannot be pushed: only branches and tags can.`;
  const deleted = deploys.find(({ now }) => isZero(now));
  if (deleted) return `${deleted.ref.replace('refs/heads/', '')} is the branch that is deployed, and cannot be deleted. To remove the app, delete it.`;
  if (deploys.length > 1) return 'main and master cannot be pushed together: push the one that is to be deployed.';
  return null;
}

/** Two people at once: who comes second must have seen what is being built, or the one would undo the other unawares. */
async function whyNotNow(bus: Bus, dir: string, deploys: RefCommand[], quarantine: Record<string, string>, appId: string): Promise<string | null> {
  const [command] = deploys;
  if (!command) return null;
  const tip = await gitOrNull(dir, ['rev-parse', '--verify', '-q', command.ref]);
  if ((tip ?? '') !== (isZero(command.old) ? '' : command.old)) return `${command.ref.replace('refs/heads/', '')} has moved to ${tip?.slice(0, 8) ?? 'nothing'} since this push began: fetch and try again.`;
  const running = (await ask(bus, pushUnfinished, {})).deploys.filter((deploy) => deploy.appId === appId && deploy.status !== 'QUEUED');
  for (const { commit } of running) {
    if (!await isAncestor(dir, commit, command.now, quarantine)) return `A push of ${commit.slice(0, 8)} is being built, and this one does not contain it: wait for it, fetch, and try again.`;
  }
  return null;
}
