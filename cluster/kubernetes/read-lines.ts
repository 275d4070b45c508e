import { StringDecoder } from 'node:string_decoder';
import { KubeError } from './kube-error.ts';

/** A line longer than this is given in pieces. */
const LONGEST_LINE = 4 * 1024 * 1024;

/** The lines of a stream as they come; what is after the last line break comes at its end. */
export async function* readLines(stream: AsyncIterable<unknown>): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  try {
    for await (const chunk of stream) {
      const lines = (rest + decoder.write(chunk as Buffer)).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
      if (rest.length > LONGEST_LINE) { yield rest; rest = ''; }
    }
  } catch (error) {
    throw new KubeError('The connection to the API server was lost.', { status: 0, reason: 'ConnectionLost', cause: error });
  }
  if (rest !== '') yield rest;
}
