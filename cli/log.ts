import { Option } from 'commander';
import type { Command } from 'commander';
import pc from 'picocolors';
import { aboutApp, appName, count } from './app-option.ts';
import { follow } from './client.ts';
import { readCredentials } from './credentials.ts';
import { FollowLogs } from './documents.ts';
import type { CliFollowLogsSubscription, LogFilter, LogSource } from './gql/graphql.ts';
import { formatLine, say } from './print.ts';

interface Options { app?: string; tail?: boolean; follow?: boolean; num: number; process?: string; source?: string; search?: string; json?: boolean }

type LogEvent = CliFollowLogsSubscription['appLogs'];

/** Gaps are told among the lines: whoever reads them, person or program, must not take the log for whole. */
function printEvent(event: LogEvent, json: boolean): void {
  if (event.__typename === 'LogGap') {
    const { missing, why } = event;
    say(json ? JSON.stringify({ gap: { lines: missing, reason: why } }) : pc.yellow(`… ${missing ?? 'an unknown number of'} lines are missing here (${why.toLowerCase().replaceAll('_', ' ')})`));
  }
  if (event.__typename === 'LogBatch') for (const line of event.lines) say(json ? JSON.stringify(line) : formatLine(line));
}

/**
 * The last lines, oldest first; with --tail also new ones, for as long as the app lives. After a lost connection it goes on from where it was,
 * so that no line is missed or shown twice; lines that are missing are told.
 */
async function showLogs(options: Options): Promise<void> {
  const app = appName(options);
  const credentials = readCredentials();
  const filter: LogFilter = {
    ...(options.process ? (options.process.includes('.') ? { replicas: [options.process] } : { processes: [options.process] }) : {}),
    ...(options.source ? { sources: [options.source.toUpperCase() as LogSource] } : {}), ...(options.search ? { search: options.search } : {}),
  };
  const going = options.tail || options.follow;
  let cursor: string | undefined;
  let lost = false;
  const tellLost = (): void => {
    if (!lost) process.stderr.write(pc.dim('The connection was lost; going on from there …\n'));
    lost = true;
  };
  for (;;) {
    for await (const { appLogs: event } of follow(credentials, FollowLogs, () => ({ app, filter, ...(cursor === undefined ? { last: options.num } : { after: cursor }) }), tellLost)) {
      lost = false;
      if (event.__typename === 'LogEnd') {
        if (event.reason === 'APP_DELETED') { process.stderr.write(pc.dim('The app is gone.\n')); return; }
        break;
      }
      cursor = event.cursor;
      printEvent(event, options.json ?? false);
      if (event.__typename === 'LogCaughtUp' && !going) return;
    }
    // The server restarts, and said so.
    await new Promise((resolve) => { setTimeout(resolve, 250); });
  }
}

export function addLogCommands(program: Command): void {
  aboutApp(program.command('logs').description('the app\'s log: what it, its builds and the platform wrote, and its requests'))
    .option('-t, --tail', 'go on with new lines').option('-f, --follow', 'the same').option('-n, --num <n>', 'how many of the last lines', count(100_000), 100)
    .option('-p, --process <name>', 'only this process type (web) or replica (web.1)').addOption(new Option('-s, --source <source>', 'only this source').choices(['app', 'build', 'router', 'platform']))
    .option('--search <text>', 'only lines with this text').option('--json', 'a JSON object a line').action(showLogs);
}
