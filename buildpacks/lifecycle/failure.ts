import type { BuildFailureReason } from '../../bus/build.ts';

/** A build that ends here, with a reason for programs and a message and hint for people. */
export class BuildFailure extends Error {
  readonly reason: BuildFailureReason;
  readonly hint: string | null;
  constructor(reason: BuildFailureReason, message: string, hint: string | null = null, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
    this.hint = hint;
  }
}

const diskFull = /ENOSPC|EDQUOT|No space left on device|Disk quota exceeded/i;
const outOfMemory = /JavaScript heap out of memory|ENOMEM|Cannot allocate memory|std::bad_alloc/i;

/** What a failed command's end and last lines say about its cause. */
export function explainCommand(what: string, ended: { code: number | null; signal: string | null }, lines: readonly string[]): BuildFailure {
  const text = lines.join('\n');
  const how = ended.signal ? `was ended by ${ended.signal}` : `exited with code ${ended.code}`;
  if (diskFull.test(text)) return new BuildFailure('DISK_FULL', `${what} ran out of disk space.`, 'Make the build smaller, build without the old cache (git push -o clean), or ask the operator for more (SLIPWAY_BUILD_DISK_MB).');
  if (outOfMemory.test(text) || ended.signal === 'SIGKILL' || ended.code === 137) {
    return new BuildFailure('OUT_OF_MEMORY', `${what} ${how}: it needed more memory than a build may use.`, 'Build less at once, or ask the operator for more (SLIPWAY_BUILD_MEMORY_MB).');
  }
  return new BuildFailure('BUILD_COMMAND_FAILED', `${what} ${how}.`, 'The lines above say why. If the cache may be the cause, build without it: git push -o clean');
}

/** Errors of our own steps: a full disk is the world's, anything else is ours. */
export function toFailure(error: unknown): BuildFailure {
  if (error instanceof BuildFailure) return error;
  const text = error instanceof Error ? error.message : String(error);
  if (diskFull.test(text)) return new BuildFailure('DISK_FULL', 'The build ran out of disk space.', 'Make the app or its dependencies smaller, or ask the operator for more (SLIPWAY_BUILD_DISK_MB).', { cause: error });
  return new BuildFailure('INTERNAL', `The build failed for a reason of the platform's own: ${text}`, 'Push again; if it stays, tell the operator.', { cause: error });
}
