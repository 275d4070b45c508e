import { KeyFileError } from './key-file.ts';

/** What an operator may ask for to be done to the keys. */
export type KeyCommand = { name: 'add' } | { name: 'remove-old'; now: boolean };

/** Throws KeyFileError with what there is to ask for. @param call how the program is called; @param place what holds the keys */
export function readKeyCommand([name, ...flags]: readonly string[], call: string, place: string): KeyCommand {
  const now = flags.length === 1 && flags[0] === '--now';
  if (name === 'add' && flags.length === 0) return { name };
  if (name === 'remove-old' && (flags.length === 0 || now)) return { name, now };
  throw new KeyFileError(`${name === undefined ? 'Say what to do.' : `This is none of its commands: ${[name, ...flags].join(' ')}`}

${call} add          adds a new key to ${place}; then rotate to it: slipway encryption-key:rotate
${call} remove-old   takes the old keys out when nothing needs them any more (--now: also while addresses that they signed are good)`);
}

/** Ends the program with code 1 where this fails; what the operator can mend is told without its stack. */
export function runKeyCommand(work: Promise<void>): void {
  work.catch((error: unknown) => {
    process.stderr.write(`${error instanceof KeyFileError ? error.message.trimEnd() : String(error instanceof Error ? error.stack : error)}\n`);
    process.exitCode = 1;
  });
}
