import type { ServerResponse } from 'node:http';

/** Never compressed, and no proxy may keep or change them: an event is worth something only now. */
const HEADERS = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store, no-transform', 'x-accel-buffering': 'no' };

/** Writes server-sent events at the reader's pace, until they end or the reader leaves; then they are told to end. */
export async function writeEvents(response: ServerResponse, status: number, events: AsyncGenerator<string, void, void>, written: (text: string) => void = () => undefined): Promise<void> {
  response.writeHead(status, HEADERS);
  response.flushHeaders();
  for await (const text of events) {
    if (response.destroyed) break;
    if (!response.write(text)) await new Promise<void>((resolve) => { response.once('drain', resolve).once('close', resolve); });
    written(text);
  }
  response.end();
}
