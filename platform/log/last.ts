import { ALL } from './cursor.ts';
import type { LogPlace } from './cursor.ts';
import type { LogHistory } from './history.ts';
import type { LogMatcher, LogMessage } from './message.ts';

/** The place before the last `count` lines that match and lie before `end` (or before all there are). Holds no more than a few messages at a time. */
export async function findLastPlace(history: LogHistory, end: LogPlace, count: number, matcher: LogMatcher): Promise<LogPlace> {
  if (count <= 0) return end;
  let left = count;
  let [epoch, seq] = [end.epoch, end.index === ALL ? end.seq + 1 : end.seq];
  let place = end;
  if (end.index !== ALL && end.index > 0) seq++;
  for (;;) {
    const messages = await history.before(epoch, seq);
    const first = messages[0];
    if (!first) return place;
    for (const message of messages.toReversed()) {
      const indexes = matching(message, matcher).filter((index) => message.epoch !== end.epoch || message.seq !== end.seq || index <= end.index);
      if (indexes.length >= left) return { epoch: message.epoch, seq: message.seq, index: (indexes.at(-left) as number) - 1 };
      left -= indexes.length;
    }
    [epoch, seq] = [first.epoch, first.seq];
    place = { epoch, seq: seq - 1, index: ALL };
  }
}

/** The indexes of the lines that match. */
function matching(message: LogMessage, matcher: LogMatcher): number[] {
  if (!matcher.message(message)) return [];
  const { line } = matcher;
  return message.lines().flatMap((each, index) => (!line || line(each) ? [index + 1] : []));
}
