import { randomUUID } from 'node:crypto';
import { ask, BusError } from '../../bus/ask.ts';
import { pushRequestBuild } from '../../bus/push.ts';
import { faultPoint } from '../../service/fault.ts';
import { forgetBuild } from './deploy.ts';
import type { Deploy } from './deploy.ts';
import type { Deploys } from './deploys.ts';
import { git } from './git.ts';
import type { HookAnswer, HookQuestion, Push, Pusher, RefCommand } from './pushes.ts';
import { SourceError, storeSource } from './source.ts';

const OPTIONS = ['detach', 'clean'];
/** Each attempt of the request has this long; what was asked twice is one build. */
const REQUEST_MS = 10_000;

/** Deploys the pushed commit: stores its tree, asks for its build, and tells how it goes on to the verdict. */
export async function procReceive(deploys: Deploys, dir: string, { commands, options }: HookQuestion, push: Push, pusher: Pusher): Promise<HookAnswer> {
  const results = [];
  for (const command of commands) results.push({ ref: command.ref, error: await deployCommand(deploys, dir, command, options, push, pusher) });
  return { exit: 0, results };
}

async function deployCommand(deploys: Deploys, dir: string, command: RefCommand, options: string[], push: Push, pusher: Pusher): Promise<string | null> {
  for (const option of options) if (!OPTIONS.includes(option)) pusher.say(` !     Push option "${option}" is not known and has no effect; known are ${OPTIONS.join(' and ')}.`);
  const running = deploys.find(push.appId, command.now);
  if (running) pusher.say(`-----> ${command.now.slice(0, 8)} is being deployed already; this is how it goes on`);
  try {
    const deploy = running ?? await beginDeploy(deploys, dir, command, options.includes('clean'), push, pusher);
    const watching = new AbortController();
    deploy.watch(pusher.say, AbortSignal.any([watching.signal, pusher.gone]));
    try {
      if (!options.includes('detach')) return (await deploy.ended).error;
      const { error } = await deploy.built;
      if (error === null) pusher.say('-----> Built; the release goes on without you');
      return error;
    } finally { watching.abort(); }
  } catch (error) {
    if (error instanceof SourceError) { pusher.say(` !     ${error.message}`); return 'the source could not be stored'; }
    if (!(error instanceof BusError)) throw error;
    pusher.say(` !     ${error.code === 'UNAVAILABLE' ? 'The platform is not ready (its database or its message server is away). Nothing was changed; push again in a moment.' : error.message}`);
    return 'the platform is not ready, try again';
  }
}

async function beginDeploy(deploys: Deploys, dir: string, { old, now, ref }: RefCommand, clean: boolean, push: Push, pusher: Pusher): Promise<Deploy> {
  const { bus } = deploys;
  const buildId = randomUUID();
  const branch = ref.replace('refs/heads/', '');
  const forced = !/^0+$/.test(old) && await git(dir, ['merge-base', '--is-ancestor', old, now]).then(() => false, () => true);
  if (forced) pusher.say(`-----> Forced push: ${branch} was at ${old.slice(0, 8)}`);
  // Until the branch is there, this keeps the commit's objects.
  await git(dir, ['update-ref', `refs/slipway/builds/${buildId}`, now]);
  try {
    const source = await storeSource(bus, dir, push.appId, now);
    faultPoint('git.source-stored');
    const message = await git(dir, ['log', '-1', '--format=%s', now]);
    const request = { buildId, appId: push.appId, userId: push.userId, apiKeyId: push.apiKeyId, commit: now, branch, message, sourceDigest: source.digest, clean };
    const { build } = await ask(bus, pushRequestBuild, request, REQUEST_MS).catch(async (error: unknown) => {
      // No answer is no refusal: it may have been done. Asking again with the same id tells.
      if (error instanceof BusError && error.code === 'UNAVAILABLE') return ask(bus, pushRequestBuild, request, REQUEST_MS);
      throw error;
    });
    faultPoint('git.build-requested');
    pusher.say(`-----> Build ${build.number} of ${push.appName}: ${now.slice(0, 8)} ${message.slice(0, 60)}`);
    return await deploys.drive({ buildId, appId: push.appId, commit: now, branch });
  } catch (error) {
    await forgetBuild(dir, buildId);
    throw error;
  }
}
