import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import pc from 'picocolors';
import { addAppCommands } from './app.ts';
import { addBuildCommands } from './build.ts';
import { CommandError } from './command-error.ts';
import { addConfigCommands } from './config.ts';
import { addEncryptionKeyCommands } from './encryption-key.ts';
import { addGitCommands } from './git-remote.ts';
import { addKeyCommands } from './key.ts';
import { addLogCommands } from './log.ts';
import { addPeopleCommands } from './people.ts';
import { addProcessCommands } from './process.ts';
import { addReleaseCommands } from './release.ts';
import { addSshKeyCommands } from './ssh-key.ts';
import { addTransferCommands } from './transfer.ts';

const WRONG_USE = 2;

const readVersion = (): string => (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }).version;

const program = new Command('slipway')
  .description('Deploy with git push; see, change and undo what runs.')
  .usage('<command> [options]')
  .version(readVersion(), '-V, --version', 'the version of this command')
  .showHelpAfterError('(slipway --help, or slipway COMMAND --help, tells more)')
  .exitOverride((error) => { process.exit(error.exitCode === 0 ? 0 : WRONG_USE); })
  .addHelpText('after', '\nThe platform and the key are those of this machine, or of SLIPWAY_URL and SLIPWAY_API_KEY.');
for (const [group, add] of [
  ['Apps:', addAppCommands], ['Git:', addGitCommands], ['Logs:', addLogCommands], ['Config:', addConfigCommands],
  ['Releases:', addReleaseCommands], ['Builds:', addBuildCommands], ['Processes:', addProcessCommands], ['People:', addPeopleCommands], ['Transfers:', addTransferCommands],
  ['You:', addKeyCommands], ['SSH keys:', addSshKeyCommands], ['The platform:', addEncryptionKeyCommands],
] as const) {
  program.commandsGroup(group);
  add(program);
}

// A reader that has seen enough (| head) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => { process.exit(error.code === 'EPIPE' ? 0 : 1); });

program.parseAsync().then(() => { process.exitCode = 0; }, (error: unknown) => {
  process.stderr.write(`${pc.red('Error:')} ${error instanceof Error ? error.message : String(error)}\n`);
  if (error instanceof CommandError && error.hint) process.stderr.write(`${pc.dim(error.hint)}\n`);
  process.exitCode = error instanceof CommandError ? error.exitCode : 1;
});
