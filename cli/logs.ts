import pc from 'picocolors';
import { CommandError, openSocket, query } from './client.ts';
import type { Credentials } from './client.ts';
import { FollowLogs, Logs } from './documents.ts';
import type { CliFollowLogsSubscription, LogFilter } from './gql/graphql.ts';
import { formatLine, printJson, say } from './print.ts';

export interface LogsOptions { app: string; lines: number; filter: LogFilter; json: boolean }

/** The last lines, oldest first. */
export async function showLogs(credentials: Credentials, { app, lines, filter, json }: LogsOptions): Promise<void> {
  const { app: found } = await query(credentials, Logs, { name: app, last: lines, filter });
  if (!found) throw new CommandError(`There is no app "${app}", or you may not see it.`);
  if (json) { printJson(found.logs.nodes); return; }
  for (const line of found.logs.nodes) say(formatLine(line));
}

type LogEvent = CliFollowLogsSubscription['appLogs'];

function printEvent(event: LogEvent, json: boolean): void {
  if (event.__typename === 'LogGap') say(pc.yellow(`… ${event.missing ?? 'some'} lines are missing here (${event.why.toLowerCase().replaceAll('_', ' ')})`));
  if (event.__typename === 'LogBatch') for (const line of event.lines) say(json ? JSON.stringify(line) : formatLine(line));
}

/** The last lines, then new ones as they come; after a lost connection from where it was, so that no line is missed or shown twice. */
export async function tailLogs(credentials: Credentials, { app, lines, filter, json }: LogsOptions): Promise<void> {
  let cursor: string | undefined;
  for (let pause = 250; ; pause = Math.min(pause * 2, 5_000)) {
    try {
      const client = openSocket(credentials);
      const variables = { app, filter, ...(cursor === undefined ? { last: lines } : { after: cursor }) };
      for await (const result of client.iterate<CliFollowLogsSubscription>({ query: FollowLogs.toString(), variables })) {
        if (result.errors) throw new CommandError(result.errors.map(({ message }) => message).join('\n'));
        const event = result.data?.appLogs;
        if (!event) continue;
        if (event.__typename === 'LogEnd' && event.reason === 'APP_DELETED') { say(pc.dim('The app is gone.')); return; }
        if (event.__typename === 'LogEnd') break;
        cursor = event.cursor;
        pause = 250;
        printEvent(event, json);
      }
      await client.dispose();
    } catch (error) {
      if (error instanceof CommandError) throw error;
      if (typeof error === 'object' && error !== null && 'code' in error && [4401, 4403].includes(Number(error.code))) throw new CommandError('The platform refused this API key.');
      if (Array.isArray(error)) throw new CommandError(error.map((each: { message?: string }) => each.message ?? '').join('\n'));
      process.stderr.write(pc.dim('The connection was lost; going on from there …\n'));
    }
    await new Promise((resolve) => { setTimeout(resolve, pause); });
  }
}
