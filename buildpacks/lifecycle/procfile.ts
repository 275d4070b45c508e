import { BuildFailure } from './failure.ts';

export interface ProcessType { type: string; command: string }

/** A command goes to the node in one message. */
const MAX_CHARS = 64 * 1024;

const line = /^([A-Za-z0-9_-]+):[ \t]*(.*)$/;

/** Parses a Procfile. Throws INVALID_PROCFILE with the number of the line that is wrong. */
export function parseProcfile(text: string): ProcessType[] {
  if (text.length > MAX_CHARS) throw new BuildFailure('INVALID_PROCFILE', `The Procfile is larger than ${MAX_CHARS / 1024} KB.`, 'Put long commands into scripts, and name those.');
  const types = new Map<string, string>();
  for (const [index, raw] of text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/).entries()) {
    const content = raw.trim();
    if (content === '' || content.startsWith('#')) continue;
    const wrong = (what: string): BuildFailure =>
      new BuildFailure('INVALID_PROCFILE', `Procfile, line ${index + 1}: ${what}`, 'Each line names a process type and its command, like: web: node server.js');
    const [, type, command] = line.exec(content) ?? [];
    if (type === undefined) throw wrong(`"${content.slice(0, 80)}" is not of the form "<process type>: <command>".`);
    if (type.length > 30) throw wrong(`the process type "${type.slice(0, 40)}…" is longer than 30 characters.`);
    if (!command) throw wrong(`the process type "${type}" has no command.`);
    if (types.has(type)) throw wrong(`the process type "${type}" is there twice.`);
    types.set(type, command);
  }
  return [...types].map(([type, command]) => ({ type, command }));
}
