import { Command } from 'commander';
import pc from 'picocolors';
import { addAppCommands } from './app-commands.ts';
import { CommandError } from './client.ts';
import { addRunCommands } from './run-commands.ts';

const program = new Command('slipway')
  .description('Deploy with git push; see, change and undo what runs.')
  .configureHelp({ sortSubcommands: false })
  .showHelpAfterError('(slipway --help tells more)')
  .exitOverride((error) => { process.exit(error.exitCode === 0 ? 0 : 2); });
addAppCommands(program);
addRunCommands(program);

// A reader that has seen enough (| head) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => { process.exit(error.code === 'EPIPE' ? 0 : 1); });

program.parseAsync().then(() => { process.exit(0); }, (error: unknown) => {
  process.stderr.write(`${pc.red('Error:')} ${error instanceof Error ? error.message : String(error)}\n`);
  if (error instanceof CommandError && error.hint) process.stderr.write(`${pc.dim(error.hint)}\n`);
  process.exit(1);
});
