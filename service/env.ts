import { z } from 'zod';

/** Reads settings once, by a zod shape of variable names; prints all mistakes together and exits 1. Empty counts as unset. */
export function readEnv<S extends z.ZodRawShape>(shape: S, source: NodeJS.ProcessEnv = process.env): z.output<z.ZodObject<S>> {
  const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ''));
  const parsed = z.object(shape).safeParse(given, { error: inWords });
  if (parsed.success) return parsed.data;
  const mistakes = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
  process.stderr.write(`These settings are wrong:\n${mistakes.join('\n')}\n`);
  process.exit(1);
}

/** What is wrong with numbers, for who set them; of the rest, each setting's own message tells. */
function inWords(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'invalid_type' && (issue.expected === 'number' || issue.expected === 'int')) return `must be a ${issue.expected === 'int' ? 'whole ' : ''}number`;
  if (issue.code === 'too_small') return `must be ${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}`;
  if (issue.code === 'too_big') return `must be at most ${issue.maximum}`;
  return undefined;
}

/** Settings that every process on the bus has. */
export const busEnv = {
  NATS_URL: z.url(),
  SLIPWAY_NATS_SEED_FILE: z.string().min(1),
  /** The certificate that a tls:// server must show. */
  SLIPWAY_NATS_CA_FILE: z.string().min(1).optional(),
};
