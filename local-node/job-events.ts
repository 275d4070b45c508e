import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { z } from 'zod';
import { buildOutcome, buildStep } from '../bus/build.ts';
import type { JobState } from '../bus/node.ts';
import { watchFile } from './program.ts';

/** A lifecycle's events are some kilobytes; whatever writes more than this is not read on. */
const MAX_BYTES = 4 * 1024 * 1024;
const MAX_STEPS = 200;
/** All that a job's state holds must fit into one message of a megabyte. */
const MAX_EVENT_BYTES = 256 * 1024;
const decoder = new TextDecoder('utf-8', { fatal: true });

const jobEvent = z.discriminatedUnion('type', [z.object({ type: z.literal('step'), step: buildStep }), z.object({ type: z.literal('outcome'), outcome: buildOutcome })]);

/** Takes the events that a job appends to a file into its state. A build's programs can write anything there: what does not parse is passed over. */
export function followEvents(file: string, state: JobState, onChange: () => void): { stop(): void } {
  let position = 0;
  let rest = '';
  const read = (): void => {
    const added = readFrom(file, position);
    if (added.length === 0) return;
    position += added.length;
    const lines = (rest + added.toString('latin1')).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.length <= MAX_EVENT_BYTES) takeEvent(Buffer.from(line, 'latin1'), state);
    if (lines.length > 0) onChange();
  };
  const watcher = watchFile(file, read);
  // For systems that tell of changes late.
  const timer = setInterval(read, 1_000);
  read();
  return { stop: () => { watcher?.close(); clearInterval(timer); read(); } };
}

function takeEvent(line: Uint8Array, state: JobState): void {
  let event: z.infer<typeof jobEvent>;
  try { event = jobEvent.parse(JSON.parse(decoder.decode(line))); } catch { return; }
  if (event.type === 'outcome') { state.outcome ??= event.outcome; return; }
  const at = state.steps.findIndex(({ index }) => index === event.step.index);
  if (at >= 0) state.steps[at] = event.step; else if (state.steps.length < MAX_STEPS) state.steps.push(event.step);
}

function readFrom(file: string, position: number): Buffer {
  let fd: number;
  try { fd = openSync(file, 'r'); } catch { return Buffer.alloc(0); }
  try {
    const length = Math.min(fstatSync(fd).size, MAX_BYTES) - position;
    if (length <= 0) return Buffer.alloc(0);
    const buffer = Buffer.alloc(length);
    return buffer.subarray(0, readSync(fd, buffer, 0, length, position));
  } finally { closeSync(fd); }
}
