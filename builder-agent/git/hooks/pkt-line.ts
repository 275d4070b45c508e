import type { Readable, Writable } from 'node:stream';

/** git's pkt-line framing: four hex digits of length (their own included), then the line; `0000` ends a section. gitprotocol-common(5). */
export async function writePkts(stream: Writable, lines: string[]): Promise<void> {
  const framed = lines.map((line) => `${(Buffer.byteLength(line) + 4).toString(16).padStart(4, '0')}${line}`);
  await new Promise<void>((resolve, reject) => { stream.write(`${framed.join('')}0000`, (error) => { if (error) reject(error); else resolve(); }); });
}

/** Reads sections one after the other; lines come without their newline. */
export function readPkts(stream: Readable): { section(): Promise<string[]> } {
  const chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let buffer = Buffer.alloc(0);
  const take = async (bytes: number): Promise<Buffer> => {
    while (buffer.length < bytes) {
      const { value, done } = await chunks.next();
      if (done) throw new Error('git ended in the middle of a line');
      buffer = Buffer.concat([buffer, value]);
    }
    const taken = buffer.subarray(0, bytes);
    buffer = buffer.subarray(bytes);
    return taken;
  };
  return {
    section: async () => {
      const lines: string[] = [];
      for (;;) {
        const length = Number.parseInt((await take(4)).toString('latin1'), 16);
        if (length === 0) return lines;
        if (!(length >= 4)) throw new Error('git sent no pkt-line');
        lines.push((await take(length - 4)).toString().replace(/\n$/, ''));
      }
    },
  };
}
