// `npm start`: installs what is missing, then hands over to the supervisor on the right Node.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ensureReady } from './ready.mjs';

const { root, node } = ensureReady({ dev: false });
const supervisor = spawn(node, [join(root, 'standalone/main.ts'), ...process.argv.slice(2)], { stdio: 'inherit' });
// A terminal's Ctrl-C reaches the supervisor by itself; a signal sent to us alone is handed on.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => { supervisor.kill('SIGTERM'); });
process.on('SIGHUP', () => { supervisor.kill('SIGTERM'); });
supervisor.on('error', (error) => { process.stderr.write(`${error.message}\n`); process.exit(1); });
supervisor.on('exit', (code, signal) => { process.exit(code ?? (signal ? 1 : 0)); });
