import { markCommandEnded, markFailed } from '../platform/release/verdict.ts';
import { RELEASE_TYPE, slugProcessTypes } from '../platform/build/slug.ts';
import { sizeMemoryBytes } from '../platform/app/process.ts';
import { faultPoint } from '../service/fault.ts';
import type { Controller } from './controller.ts';
import { isSamePair, wantRelease } from './want-app.ts';
import type { ReleaseRow } from './want-app.ts';

/** The job of a release's command: the same for every controller that comes to it. */
export const commandId = (releaseId: string): string => `release-${releaseId}`;

/** How long a release command may take. */
const COMMAND_SECONDS = 600;

/** Runs the release command of an open release, once; true when traffic may move: it ended well, there is none, or this very pair of slug and config runs already. */
export async function runReleaseCommand(controller: Controller, appName: string, release: ReleaseRow, live: ReleaseRow | null): Promise<boolean> {
  const { platform, cluster, lead } = controller;
  if (!release.slug || release.commandEndedAt || release.reason === 'AUTO_ROLLBACK' || !release.restart) return true;
  const command = slugProcessTypes(release.slug).find(({ type }) => type === RELEASE_TYPE)?.command;
  if (command === undefined || (live && await isSamePair(platform, release, live))) return true;
  const id = commandId(release.id);
  const result = await cluster.runCommand({
    id, appId: release.appId, appName, release: await wantRelease(platform, release, release.slug), process: RELEASE_TYPE, command, memoryBytes: sizeMemoryBytes.MEDIUM, seconds: COMMAND_SECONDS,
  });
  faultPoint('controller.release-command-started');
  if (result.status === 'running') return false;
  if (result.exitCode !== 0) {
    await markFailed(platform, lead, release, {
      reason: 'RELEASE_COMMAND_FAILED', message: `The release command (${command}) ended with exit code ${result.exitCode}${result.exitReason ? `: ${result.exitReason}` : ''}.`,
      hint: 'Its last lines say why. Traffic was not moved.', exitCode: result.exitCode, lines: result.lastLines,
    });
  } else {
    await markCommandEnded(platform, lead, release);
  }
  faultPoint('controller.release-command-ended');
  await cluster.forgetCommand({ id, appId: release.appId });
  return result.exitCode === 0;
}
