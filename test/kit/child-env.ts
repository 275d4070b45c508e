/** What every program of ours that a test starts has of the test's own environment: where programs are, and where their compiled code is kept, which halves the work of starting one. */
export function childEnv(): Record<string, string> {
  const { PATH = '', NODE_COMPILE_CACHE } = process.env;
  return { PATH, NODE_NO_WARNINGS: '1', ...(NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE }) };
}
