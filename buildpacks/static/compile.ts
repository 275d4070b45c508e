import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { installNode, needed, PackError, provideNode } from '../node-runtime.ts';

/** bin/compile BUILD CACHE ENV: the site stays as it is; Node and a small file server go beside it, out of what is served. */
const [build = '', cache = ''] = process.argv.slice(2);
try {
  const node = await provideNode(null, cache);
  process.stdout.write(`       Serving it by Node ${node.version}\n`);
  const { bin } = await installNode(build, node, null);
  await mkdir(join(build, '.slipway/static'), { recursive: true });
  await copyFile(join(import.meta.dirname, 'server.mjs'), join(build, '.slipway/static/server.mjs'));
  await mkdir(join(build, '.profile.d'), { recursive: true });
  await writeFile(join(build, '.profile.d/slipway-static.sh'), 'export PATH="$HOME/.slipway/node/bin:$PATH"\n');
  await writeFile(needed('SLIPWAY_EXPORT'), `export PATH="${bin}:$PATH"\n`);
} catch (error) {
  if (!(error instanceof PackError)) throw error;
  process.stdout.write(` !     ${error.message}\n`);
  process.exitCode = 1;
}
