import { toFailure } from './failure.ts';
import type { Output } from './output.ts';
import { reportOutcome } from './report.ts';

/** Programs' own words are part of some messages. */
const MESSAGE_CHARS = 4_000;

/** Tells people, in the build's log, and whoever follows it, as its outcome, why a build ends here. */
export function reportFailure(error: unknown, output: Output): void {
  const failure = toFailure(error);
  const { reason, hint } = failure;
  const message = failure.message.slice(0, MESSAGE_CHARS);
  const lines = output.lastLines();
  output.say(` !     ${message}`);
  if (hint) output.say(` !     ${hint}`);
  reportOutcome({ status: 'FAILED', reason, message: output.redact(message), hint, lines });
}
