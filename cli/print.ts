import Table from 'cli-table3';
import pc from 'picocolors';

/** Rows in columns, without lines around them. */
export function printTable(head: string[], rows: string[][]): void {
  const none = { 'top': '', 'top-mid': '', 'top-left': '', 'top-right': '', 'bottom': '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '', 'left': '', 'left-mid': '', 'mid': '', 'mid-mid': '', 'right': '', 'right-mid': '', 'middle': '  ' };
  const table = new Table({ head: head.map((title) => pc.dim(title)), chars: none, style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] } });
  table.push(...rows);
  process.stdout.write(`${table.toString().split('\n').map((line) => line.trimEnd()).join('\n')}\n`);
}

export const say = (text: string): void => { process.stdout.write(`${text}\n`); };

export const printJson = (value: unknown): void => { say(JSON.stringify(value, null, 2)); };

const good = new Set(['LIVE', 'UP', 'SUCCEEDED']);
const bad = new Set(['FAILED', 'BACKING_OFF', 'CANCELED']);

/** A status as people read it, in the colour of what it means. */
export function status(value: string): string {
  const words = value.toLowerCase().replaceAll('_', ' ');
  return good.has(value) ? pc.green(words) : bad.has(value) ? pc.red(words) : pc.yellow(words);
}

/** "5 min ago"; a date where that is long past. */
export function ago(time: string): string {
  const seconds = Math.max(0, (Date.now() - Date.parse(time)) / 1000);
  for (const [unit, length] of [['d', 86_400], ['h', 3_600], ['min', 60]] as const) if (seconds >= length) return unit === 'd' && seconds > 30 * length ? time.slice(0, 10) : `${Math.floor(seconds / length)} ${unit} ago`;
  return `${Math.floor(seconds)} s ago`;
}

export interface Line { at: string; source: string; process: string | null; replica: string | null; level: string; text: string }

const colours = [pc.cyan, pc.green, pc.magenta, pc.blue, pc.yellow];

/** One log line: time (UTC), where it comes from, text. */
export function formatLine({ at, source, process, replica, level, text }: Line): string {
  const from = source === 'APP' ? replica ?? process ?? 'app' : source.toLowerCase();
  const colour = colours[Array.from(from.split('.')[0] ?? '').reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % colours.length] ?? pc.cyan;
  return `${pc.dim(`${at.slice(0, 19)}Z`)} ${colour(`${from}:`)} ${level === 'ERROR' ? pc.red(text) : text}`;
}

/** Named values, one a line. */
export function printFields(fields: Record<string, string>): void {
  const width = Math.max(...Object.keys(fields).map((name) => name.length)) + 2;
  for (const [name, value] of Object.entries(fields)) say(`${pc.dim(name.padEnd(width))}${value}`);
}

export const megabytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MB`;

/** "12 s"; "-" where it has not begun or not ended. */
export function duration(from: string | null | undefined, to: string | null | undefined): string {
  if (!from || !to) return '-';
  const seconds = Math.round((Date.parse(to) - Date.parse(from)) / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
