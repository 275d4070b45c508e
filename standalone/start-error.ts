/** A problem of the machine that one sentence explains; the start ends with it. */
export class StartError extends Error {}

/** The sentence for a person where there is one; else everything we know, because then it is our mistake. */
export function explain(error: unknown, home: string): string {
  if (error instanceof StartError) return error.message;
  if (!(error instanceof Error)) return String(error);
  if (isDiskFull(error)) return `The disk of ${home} is full: free some space and start again.`;
  return error.stack ?? error.message;
}

const isDiskFull = (error: Error): boolean => ('code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')) || /no space left on device/i.test(error.message);
