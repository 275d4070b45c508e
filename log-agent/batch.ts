import type { LogBatch } from '../bus/log.ts';
import type { LevelMark } from './level.ts';
import type { SourceMeta } from '../cri/cri-file.ts';
import type { LogPosition } from './position.ts';

/** Limits of one batch: what one message, one execution and one frame carry well. A single longer line is sent alone. */
export const MAX_BATCH_BYTES = 254 * 1024;
export const MAX_BATCH_LINES = 2_000;

/** Lines on their way, encoded one by one as they are read, so that their bytes are known before the next one is taken. */
export interface Batch {
  readonly count: number;
  gap: LogBatch['gap'];
  end: boolean;
  /** False: there is no room; the line was not taken. */
  add(at: number, stream: 'o' | 'e', level: LevelMark, text: string, goesOn: boolean): boolean;
  /** The message's payload. */
  encode(position: LogPosition): string;
}

export function createBatch({ source, process, replica, release, build }: SourceMeta): Batch {
  const lines: string[] = [];
  let size = 0;
  return {
    get count() { return lines.length; },
    gap: undefined,
    end: false,
    add(at, stream, level, text, goesOn) {
      if (lines.length >= MAX_BATCH_LINES) return false;
      const line = `[${at},"${stream}","${level}",${JSON.stringify(text)}${goesOn ? ',1]' : ']'}`;
      const length = Buffer.byteLength(line) + 1;
      if (lines.length > 0 && size + length > MAX_BATCH_BYTES) return false;
      size += length;
      lines.push(line);
      return true;
    },
    encode(position) {
      const head = JSON.stringify({ source, process, replica, release, build, position, gap: this.gap, end: this.end ? true : undefined });
      return `${head.slice(0, -1)},"lines":[${lines.join(',')}]}`;
    },
  };
}
