import { nextSeq, upTo } from './cursor.ts';
import type { LogPlace } from './cursor.ts';
import type { LogMessage } from './message.ts';

/** Bytes of the newest messages that all readers of an app share; who is further behind reads the stream by themselves. */
const RING_BYTES = 2 * 1024 * 1024;

/** The newest messages of an app, without holes, bounded in bytes. */
export interface LogRing {
  /** The place after the newest message that was seen. */
  head(): LogPlace;
  keep(message: LogMessage): void;
  /** Forgets all; the newest message is another one, maybe of another epoch. */
  restart(head: LogPlace): void;
  /** The messages after a place, oldest first; null: it is too far back, or of another epoch. */
  after(place: LogPlace): readonly LogMessage[] | null;
}

export function createLogRing(start: LogPlace): LogRing {
  let messages: LogMessage[] = [];
  let bytes = 0;
  let head = start;
  const restart = (place: LogPlace): void => { messages = []; bytes = 0; head = place; };
  return {
    head: () => head,
    restart,
    keep(message) {
      // A hole: what is behind it is history now.
      if (message.seq !== head.seq + 1) restart(head);
      messages.push(message);
      bytes += message.bytes;
      while (bytes > RING_BYTES && messages.length > 1) bytes -= (messages.shift() as LogMessage).bytes;
      head = upTo(head.epoch, message.seq);
    },
    after(place) {
      if (place.epoch !== head.epoch) return null;
      const seq = nextSeq(place);
      if (seq > head.seq) return seq === head.seq + 1 ? [] : null;
      const first = messages[0];
      return first && first.seq <= seq ? messages.slice(seq - first.seq) : null;
    },
  };
}
