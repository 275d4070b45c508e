import { styleText } from 'node:util';

export interface Printer {
  /** A step of the start: what is being installed or started. */
  progress(text: string): void;
  /** A sentence for the person who started it. */
  say(text: string): void;
  problem(text: string): void;
  /** Lines for a person's eyes alone, which may hold a secret; a machine's log gets the sentence. */
  person(lines: string[], sentence: string): void;
  /** A line that a process printed. */
  childLine(name: string, line: string): void;
}

const colours = ['cyan', 'green', 'magenta', 'blue', 'yellow'] as const;
const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];

/** People get short lines (progress in place on a terminal); `json` gives every line as JSON. Of the processes, people see warnings and worse. */
export function createPrinter(json: boolean): Printer {
  const out = process.stdout;
  let open = false;
  const line = (text: string): void => { out.write(`${open ? '\r\u001b[K' : ''}${text}\n`); open = false; };
  if (json) {
    const write = (level: string, message: string): void => { out.write(`${JSON.stringify({ level, time: new Date().toISOString(), process: 'supervisor', msg: message })}\n`); };
    return {
      progress: (text) => { write('info', text); }, say: (text) => { write('info', text); }, problem: (text) => { write('error', text); },
      person: (_lines, sentence) => { write('info', sentence); },
      childLine: (name, text) => { out.write(text.startsWith('{') ? `${text}\n` : `${JSON.stringify({ level: 'warn', time: new Date().toISOString(), process: name, msg: text })}\n`); },
    };
  }
  return {
    progress: (text) => { if (out.isTTY) { out.write(`\r\u001b[K${styleText('dim', `  ${text} …`)}`); open = true; } else line(`  ${text}`); },
    say: (text) => { line(text); },
    problem: (text) => { line(styleText('red', text)); },
    person: (lines) => { for (const text of lines) line(text); },
    childLine: (name, text) => { const readable = readableLine(name, text); if (readable !== null) line(readable); },
  };
}

/** Null: below a warning, so not for a person's eyes. */
function readableLine(name: string, text: string): string | null {
  const colour = colours[Array.from(name).reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % colours.length] ?? 'cyan';
  const head = styleText(colour, name.padEnd(10));
  try {
    const entry = JSON.parse(text) as { level?: string; msg?: string; error?: { message?: string } };
    if (levels.indexOf(entry.level ?? 'info') < levels.indexOf('warn')) return null;
    return `${head} ${styleText(entry.level === 'warn' ? 'yellow' : 'red', entry.level ?? '')} ${entry.msg ?? ''}${entry.error?.message ? `: ${entry.error.message}` : ''}`;
  } catch {
    return `${head} ${text}`;
  }
}
