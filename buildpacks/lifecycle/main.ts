import { writeSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { buildContext } from '../../bus/build.ts';
import { createOutput } from './output.ts';
import { reportFailure } from './report-failure.ts';
import { reportOutcome } from './report.ts';
import { runBuild } from './run-build.ts';

/**
 * Runs one build as an unprivileged user: `main.ts --cache DIR`, BuildContext as JSON on stdin, output on stdout, events on
 * descriptor 3, exit code 0 or 1. Time, memory and disk are the node's to watch; whatever is left of our process group when we end is its to end.
 */
// Ours alone: what a build runs looks for no compiled code where it can keep none.
delete process.env.NODE_COMPILE_CACHE;
const { values } = parseArgs({ options: { cache: { type: 'string' } } });
if (values.cache === undefined) throw new Error('--cache is missing');
const context = buildContext.parse(JSON.parse(await text(process.stdin)));

/** Blocking, so that nothing piles up in memory; a reader that is gone must not break the build. */
function print(bytes: Buffer): void {
  for (let written = 0; written < bytes.length;) {
    try {
      written += writeSync(1, bytes, written);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
    }
  }
}

const output = createOutput(context.config.map(({ value }) => Buffer.from(value, 'base64')), context.limits.outputBytes, print);
try {
  const slug = await runBuild(context, values.cache, output);
  reportOutcome({ status: 'SUCCEEDED', slug, cacheDigest: null });
  process.exitCode = 0;
} catch (error) {
  reportFailure(error, output);
  process.exitCode = 1;
}
// Whatever a buildpack left open must not keep the build from ending.
process.exit();
