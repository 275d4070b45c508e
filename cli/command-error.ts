/** What the person is told, with what to do about it; the command ends with `exitCode`. */
export class CommandError extends Error {
  readonly hint: string | undefined;
  readonly exitCode: number;
  constructor(message: string, hint?: string | null, exitCode = 1) {
    super(message);
    this.hint = hint ?? undefined;
    this.exitCode = exitCode;
  }
}

/** The command was called in a way that makes no sense. */
export class UsageError extends CommandError {
  constructor(message: string, hint?: string) { super(message, hint, 2); }
}
