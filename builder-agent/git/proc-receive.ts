import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { ask, askUntilAnswered } from '../../bus/ask.ts';
import type { Bus } from '../../bus/connect.ts';
import { pushRequestBuild, pushUnfinished } from '../../bus/push.ts';
import type { DeployState } from '../../bus/push.ts';
import { faultPoint } from '../../service/fault.ts';
import { inSpan } from '../../service/trace.ts';
import { forgetCommit, keepCommit } from './branch.ts';
import type { Deploy } from './deploy.ts';
import type { Deploys } from './deploys.ts';
import { git, isAncestor, tipOf } from './git.ts';
import { isZero, whyNotNow } from './pre-receive.ts';
import { keepTalking } from './pusher.ts';
import type { HookAnswer, HookQuestion, Push, Pusher, RefCommand } from './pushes.ts';
import { Refused, toRefused } from './refused.ts';
import { storeSource } from './source.ts';

const OPTIONS = ['detach', 'clean'];
/** A gateway or database that restarts is waited for; what is asked twice is one build. */
const REQUEST_MS = 20_000;

export interface ReceiveOptions { deploys: Deploys; dir: string; push: Push; /** Of all submodules together. */ maxBytes: number }

/** Deploys the pushed commit: stores its tree, asks for its build, and tells how it goes on to the verdict. */
export async function procReceive(options: ReceiveOptions, { commands, options: pushOptions }: HookQuestion, pusher: Pusher): Promise<HookAnswer> {
  faultPoint('git.pack-received');
  for (const option of pushOptions) if (!OPTIONS.includes(option)) pusher.say(` !     Push option "${option.slice(0, 100)}" is not known and has no effect; known are ${OPTIONS.join(' and ')}.`);
  const results = [];
  for (const command of commands) results.push({ ref: command.ref, error: await tracedDeploy(options, command, pushOptions, pusher) });
  return { exit: 0, results };
}

/** The push of one branch as a span, to its verdict. */
function tracedDeploy(options: ReceiveOptions, command: RefCommand, pushOptions: string[], pusher: Pusher): Promise<string | null> {
  const { appId, appName } = options.push;
  const attributes = { 'slipway.app': appName, 'slipway.app.id': appId, 'vcs.ref.head.name': command.ref.replace('refs/heads/', ''), 'vcs.ref.head.revision': command.now };
  return inSpan('push', { kind: 'internal', attributes }, async (span) => {
    const error = await deployCommand(options, command, pushOptions, pusher);
    if (error !== null) span.fail('not_deployed');
    return error;
  });
}

async function deployCommand(options: ReceiveOptions, command: RefCommand, pushOptions: string[], pusher: Pusher): Promise<string | null> {
  const { deploys } = options;
  let doing = (): string => 'storing the source';
  const talk = keepTalking(pusher, () => doing());
  const watching = new AbortController();
  try {
    const deploy = await findOrBegin(options, command, pushOptions.includes('clean'), talk.say);
    if (!deploy) return null;
    ({ doing } = deploy);
    deploy.listen(talk.say, AbortSignal.any([watching.signal, pusher.gone]));
    if (!pushOptions.includes('detach')) return (await deploy.ended).error;
    const { error } = await deploy.built;
    if (error === null) {
      await deploy.moveNow();
      talk.say('-----> Built; the release goes on without you');
    }
    return error;
  } catch (error) {
    const refused = toRefused(error, deploys.isStopping());
    talk.say(` !     ${refused.message}`);
    return refused.reason;
  } finally {
    watching.abort();
    talk.stop();
  }
}

/** The deploy of the pushed commit, a new one where none is under way; null: the branch is there already. */
async function findOrBegin(options: ReceiveOptions, command: RefCommand, clean: boolean, say: (line: string) => void): Promise<Deploy | null> {
  const { deploys, dir, push: { appId } } = options;
  const { now: commit, ref } = command;
  const branch = ref.replace('refs/heads/', '');
  if (await tipOf(dir, ref) === commit) {
    say(`-----> ${commit.slice(0, 8)} is deployed already`);
    return null;
  }
  const { deploy, joined } = await deploys.join({ appId, branch, commit }, async () => {
    // A deploy that nobody drives yet: of before a restart, or whose request got no answer.
    const left = (await ask(deploys.bus, pushUnfinished, {})).deploys.find((other) => other.appId === appId && other.commit === commit && other.branch === branch);
    return left ? deploys.drive(left) : beginDeploy(options, command, branch, clean, say);
  });
  if (joined) say(`-----> ${commit.slice(0, 8)} is being deployed already; this is how it goes on${clean ? ' (with the cache that it began with)' : ''}`);
  return deploy;
}

async function beginDeploy({ deploys, dir, push, maxBytes }: ReceiveOptions, command: RefCommand, branch: string, clean: boolean, say: (line: string) => void): Promise<Deploy> {
  const { bus } = deploys;
  const { old, now: commit } = command;
  const buildId = randomUUID();
  if (!isZero(old) && !await isAncestor(dir, old, commit)) say(`-----> Forced push: ${branch} was at ${old.slice(0, 8)}`);
  await keepCommit(dir, buildId, commit);
  faultPoint('git.commit-kept');
  try {
    const source = await storeSource({ bus, dir, appId: push.appId, commit, maxBytes });
    faultPoint('git.source-stored');
    // Storing takes its time: somebody else's build may run by now.
    const late = await whyNotNow(bus, dir, [command], {}, push.appId);
    if (late !== null) throw new Refused(late, 'fetch and try again');
    const message = (await git(dir, ['log', '-1', '--format=%s', commit])).slice(0, 500);
    const request = { buildId, appId: push.appId, userId: push.userId, apiKeyId: push.apiKeyId, commit, branch, message, sourceDigest: source.digest, clean };
    const { build } = await requestBuild(bus, request);
    faultPoint('git.build-requested');
    say(`-----> Build ${build.number} of ${push.appName}: ${commit.slice(0, 8)} ${message.slice(0, 60)}`);
    return await deploys.drive({ buildId, appId: push.appId, commit, branch });
  } catch (error) {
    if (!(error instanceof NoAnswer)) await forgetCommit(dir, buildId);
    throw error;
  }
}

/** Nobody knows whether the build was asked for: should it come, its commit must be there. */
class NoAnswer extends Refused {}

async function requestBuild(bus: Bus, request: z.input<typeof pushRequestBuild.request>): Promise<DeployState> {
  const patience = AbortSignal.timeout(REQUEST_MS);
  try {
    return await askUntilAnswered(bus, pushRequestBuild, request, patience);
  } catch (error) {
    throw patience.aborted ? new NoAnswer('The platform does not answer. If it has taken this push, it deploys it: push again to see.', 'no answer, push again') : error;
  }
}
