// `npm start`: installs what is missing, then hands over to the supervisor on the right Node.
import { spawn } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { ensureReady } from './ready.mjs';

const args = process.argv.slice(2);
const usage = `npm start              starts Slipway, until Ctrl-C
npm start -- --json    with its log as JSON lines

Settings are environment variables, such as SLIPWAY_PORT and SLIPWAY_HOME: docs/start.md names them.
`;
const unknown = args.find((arg) => arg !== '--json');
if (unknown !== undefined) {
  const wantsHelp = unknown === '--help' || unknown === '-h';
  process[wantsHelp ? 'stdout' : 'stderr'].write(wantsHelp ? usage : `npm start does not know ${unknown}.\n\n${usage}`);
  process.exit(wantsHelp ? 0 : 1);
}
const { root, node } = ensureReady({ dev: false, json: args.includes('--json') });
// npm puts its own programs before the person's, our npm among them, which knows nothing of how theirs is set up.
const PATH = (process.env.PATH ?? '').split(delimiter).filter((dir) => !/[\\/](node_modules[\\/]\.bin|node-gyp-bin)$/.test(dir)).join(delimiter);
// The channel is how the supervisor sees that we were killed: then it stops too.
const supervisor = spawn(node, [join(root, 'standalone/main.ts'), ...args], { stdio: ['inherit', 'inherit', 'inherit', 'ipc'], env: { ...process.env, PATH } });
// A terminal's Ctrl-C reaches the supervisor too, which heeds the first only.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => { supervisor.kill(signal); });
supervisor.on('error', (error) => { process.stderr.write(`${error.message}\n`); process.exit(1); });
supervisor.on('exit', (code, signal) => { process.exit(code ?? (signal ? 1 : 0)); });
