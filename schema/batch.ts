import type { ApiContext } from './context.ts';

/**
 * Gathers what the fields of one level ask for and reads it at once: one statement a level, however many ask. Of one request only.
 * `load` answers in the order of what it is asked.
 */
export function createBatch<Q, A>(load: (ctx: ApiContext, questions: readonly Q[]) => Promise<A[]>): (ctx: ApiContext, question: Q) => Promise<A> {
  const open = new WeakMap<ApiContext, { questions: Q[]; answers: Promise<A[]> }>();
  return async (ctx, question) => {
    let batch = open.get(ctx);
    if (!batch) {
      const questions: Q[] = [];
      // After all fields of the level have asked: they do so in one turn of the promises.
      const answers = new Promise<void>((resolve) => { setImmediate(resolve); }).then(() => { open.delete(ctx); return load(ctx, questions); });
      batch = { questions, answers };
      open.set(ctx, batch);
    }
    const index = batch.questions.push(question) - 1;
    const answer = (await batch.answers)[index];
    if (answer === undefined) throw new Error('a batch was answered with less than it asked for');
    return answer;
  };
}
