import yoctoSpinner from 'yocto-spinner';
import { follow } from './client.ts';
import { CommandError } from './command-error.ts';
import type { Credentials } from './credentials.ts';
import { FollowDeploy } from './documents.ts';
import { say } from './print.ts';

/** Waits for a release's verdict. Throws CommandError, after the failed program's last lines, where it failed. */
export async function waitForRelease(credentials: Credentials, { id, version }: { id: string; version: number }): Promise<void> {
  const spinner = process.stderr.isTTY ? yoctoSpinner({ text: `Releasing v${version}` }).start() : null;
  try {
    for await (const { deployEvents: event } of follow(credentials, FollowDeploy, () => ({ deploy: id }), () => undefined)) {
      spinner?.stop();
      const kind = event.__typename;
      if (kind === 'ReleaseLive') { say(`v${version} is live.`); return; }
      if (kind === 'ReleaseSuperseded') { say(`v${version} was superseded by a newer release before it was live.`); return; }
      if (kind === 'AppDeleted') throw new CommandError('The app was deleted meanwhile.');
      if (kind === 'ReleaseFailed') {
        const failure = event.release?.failure;
        for (const line of failure?.lines ?? []) process.stderr.write(`    ${line}\n`);
        throw new CommandError(`v${version} failed: ${failure?.message ?? event.summary}`, failure?.hint);
      }
      spinner?.start(event.summary);
    }
  } finally {
    spinner?.stop();
  }
}
