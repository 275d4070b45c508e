/** Follows pkt-lines (gitprotocol-common(5)) through chunks that are cut anywhere, without keeping them. */
export interface PktWalk {
  /** Takes the next bytes; stops at the first that are no pkt-line, and answers how many it took. */
  walk(chunk: Buffer): number;
  /** Whether the bytes so far end where a packet does. */
  isBetween(): boolean;
}

export function createPktWalk(): PktWalk {
  let head = '';
  let left = 0;
  let lost = false;
  return {
    isBetween: () => !lost && left === 0 && head === '',
    walk: (chunk) => {
      let at = 0;
      while (at < chunk.length && !lost) {
        if (left > 0) {
          const take = Math.min(left, chunk.length - at);
          left -= take;
          at += take;
          continue;
        }
        head += String.fromCharCode(chunk[at++] ?? 0);
        if (head.length < 4) continue;
        // Lengths 0 to 2 are flush and its relatives, without content.
        const length = /^[0-9a-f]{4}$/i.test(head) ? Number.parseInt(head, 16) : Number.NaN;
        if (Number.isNaN(length)) { lost = true; at -= 4; break; }
        left = Math.max(0, length - 4);
        head = '';
      }
      return at;
    },
  };
}

/** A line for the pusher, as side band 2 of git's answer carries it. */
export function sidebandLine(text: string): Buffer {
  const content = Buffer.from(`\u0002${text}\n`);
  return Buffer.concat([Buffer.from((content.length + 4).toString(16).padStart(4, '0')), content]);
}
