import yoctoSpinner from 'yocto-spinner';
import { CommandError, openSocket } from './client.ts';
import type { Credentials } from './client.ts';
import { FollowDeploy } from './documents.ts';
import type { CliFollowDeploySubscription } from './gql/graphql.ts';
import { say } from './print.ts';

/** Waits for a release's verdict, as it happens. Throws CommandError with its last lines where it failed. */
export async function waitForRelease(credentials: Credentials, { id, version }: { id: string; version: number }): Promise<void> {
  const spinner = process.stderr.isTTY ? yoctoSpinner({ text: `Releasing v${version}` }).start() : null;
  const client = openSocket(credentials);
  try {
    for await (const { data } of client.iterate<CliFollowDeploySubscription>({ query: FollowDeploy.toString(), variables: { deploy: id } })) {
      const event = data?.deployEvents;
      if (event?.__typename === 'ReleaseLive') { spinner?.stop(); say(`v${version} is live.`); return; }
      if (event?.__typename === 'ReleaseSuperseded') { spinner?.stop(); say(`v${version} was superseded by a newer release.`); return; }
      if (event?.__typename === 'ReleaseFailed') {
        const { failure } = event.release ?? {};
        for (const line of failure?.lines ?? []) process.stderr.write(`    ${line}\n`);
        throw new CommandError(`v${version} failed: ${failure?.message ?? 'see slipway releases'}`, failure?.hint);
      }
    }
  } finally {
    spinner?.stop();
    await client.dispose();
  }
}
