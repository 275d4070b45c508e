import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { hasScript, readPackageJson } from './package-json.ts';

/** bin/release BUILD: `start` is the web process, as is a lone server.js. */
const build = process.argv[2] ?? '.';
const app = await readPackageJson(build);
const hasServer = await access(join(build, 'server.js')).then(() => true, () => false);
const command = hasScript(app, 'start') ? 'npm start' : hasServer ? 'node server.js' : null;
process.stdout.write(command === null ? 'default_process_types: {}\n' : `default_process_types:\n  web: ${command}\n`);
