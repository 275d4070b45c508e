import type { Readable } from 'node:stream';
import { buildContext } from '../../bus/build.ts';
import type { BuildContext } from '../../bus/build.ts';

/** Config is limited far below; more than this in one line is no context. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;

/**
 * Waits for the first line of the input that is a BuildContext. A builder that dies in the middle of a line leaves a piece of one, and
 * the next starts with a line break; one that hands it over again is read and ignored, so that it never waits.
 */
export function receiveContext(input: Readable): Promise<BuildContext> {
  return new Promise((resolve, reject) => {
    let pieces: Buffer[] = [];
    let bytes = 0;
    let found = false;
    const endLine = (): void => {
      const context = parse(Buffer.concat(pieces));
      pieces = [];
      bytes = 0;
      if (context === null) return;
      found = true;
      resolve(context);
    };
    input.on('data', (chunk: Buffer) => {
      let rest = chunk;
      while (!found) {
        const end = rest.indexOf(10);
        const piece = end < 0 ? rest : rest.subarray(0, end);
        bytes += piece.length;
        if (bytes <= MAX_LINE_BYTES) pieces.push(piece); else pieces = [];
        if (end < 0) return;
        endLine();
        rest = rest.subarray(end + 1);
      }
    });
    input.once('end', () => { if (!found) reject(new Error('the input ended before there was a build context')); });
    input.once('error', reject);
  });
}

function parse(line: Buffer): BuildContext | null {
  try { return buildContext.parse(JSON.parse(line.toString())); } catch { return null; }
}
