/** Does it, and answers (or fails) no sooner than this: where the time that something takes would tell a secret. */
export async function atLeast<T>(ms: number, act: () => Promise<T>): Promise<T> {
  const floor = new Promise<void>((resolve) => { setTimeout(resolve, ms); });
  try {
    return await act();
  } finally {
    await floor;
  }
}
