import { ask } from '../../bus/ask.ts';
import type { Bus } from '../../bus/connect.ts';
import { pushUnfinished } from '../../bus/push.ts';
import { DEPLOY_REFS } from './branch.ts';
import { gitOrNull, isAncestor, tipOf } from './git.ts';
import type { HookAnswer, HookQuestion, Push, Pusher, RefCommand } from './pushes.ts';

export const isZero = (id: string): boolean => /^0+$/.test(id);
const shortName = (ref: string): string => ref.replace(/^refs\/(heads|tags)\//, '');
/** More refs than these are told as a number. */
const TOLD_REFS = 10;

/** What can be refused at once, before anything of the push is kept. */
export async function preReceive(bus: Bus, dir: string, { commands, quarantine }: HookQuestion, push: Push, { say }: Pusher): Promise<HookAnswer> {
  const deploys = commands.filter(({ ref }) => DEPLOY_REFS.includes(ref));
  const refused = whyRefused(commands, deploys) ?? await whyNoSource(dir, deploys, quarantine) ?? await whyNotNow(bus, dir, deploys, quarantine, push.appId);
  if (refused !== null) {
    say(` !     ${refused}`);
    return { exit: 1 };
  }
  if (push.movedTo !== null) say(`-----> This app is called ${push.appName} now. Its old address goes on working; the new one: git remote set-url slipway ${push.movedTo}`);
  const others = commands.filter(({ ref }) => !DEPLOY_REFS.includes(ref));
  for (const { ref, now } of others.slice(0, TOLD_REFS)) say(isZero(now) ? `-----> ${shortName(ref)} is deleted.` : `-----> ${shortName(ref)} is stored; only main and master are deployed.`);
  if (others.length > TOLD_REFS) say(`-----> So are ${others.length - TOLD_REFS} others.`);
  return { exit: 0 };
}

function whyRefused(commands: RefCommand[], deploys: RefCommand[]): string | null {
  const foreign = commands.find(({ ref }) => !/^refs\/(heads|tags)\//.test(ref));
  if (foreign) return `${foreign.ref} cannot be pushed: only branches and tags can.`;
  const deleted = deploys.find(({ now }) => isZero(now));
  if (deleted) return `${shortName(deleted.ref)} is the branch that is deployed, and cannot be deleted. To remove the app, delete it.`;
  if (deploys.length > 1) return 'main and master cannot be pushed together: push the one that is to be deployed.';
  return null;
}

async function whyNoSource(dir: string, [command]: RefCommand[], quarantine: Record<string, string>): Promise<string | null> {
  if (!command) return null;
  const type = await gitOrNull(dir, ['cat-file', '-t', command.now], quarantine);
  if (type !== 'commit') return `${shortName(command.ref)} can only be at a commit, and this is a ${type ?? 'thing unknown to git'}: push the commit that it names.`;
  const files = await gitOrNull(dir, ['ls-tree', command.now], quarantine);
  return files === '' ? 'This commit has no files: there is nothing to build. Add some, commit, and push again.' : null;
}

/** Two people at once: who comes second must have seen what the other deploys, or the one would undo the other unawares. */
export async function whyNotNow(bus: Bus, dir: string, [command]: RefCommand[], quarantine: Record<string, string>, appId: string): Promise<string | null> {
  if (!command) return null;
  const tip = await tipOf(dir, command.ref);
  // A branch that moved on to a commit this push contains (a deploy that ended meanwhile) is no other's work undone.
  const isStale = tip !== (isZero(command.old) ? null : command.old) && !(tip && await isAncestor(dir, tip, command.now, quarantine));
  if (isStale) return `${shortName(command.ref)} has moved to ${tip?.slice(0, 8) ?? 'nothing'} since this push began: fetch and try again.`;
  const running = (await ask(bus, pushUnfinished, {})).deploys.filter((deploy) => deploy.appId === appId && deploy.status !== 'QUEUED');
  for (const { commit } of running) {
    // A commit that was lost with its repository stands in nobody's way.
    const isHere = await gitOrNull(dir, ['cat-file', '-e', commit], quarantine) !== null;
    if (isHere && !await isAncestor(dir, commit, command.now, quarantine)) return `A push of ${commit.slice(0, 8)} is being built, and this one does not contain it: wait for it (or cancel its build), fetch and try again.`;
  }
  return null;
}
