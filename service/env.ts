import { z } from 'zod';

/** Reads settings once, by a zod shape of variable names; prints all mistakes together and exits 1. Empty counts as unset. */
export function readEnv<S extends z.ZodRawShape>(shape: S, source: NodeJS.ProcessEnv = process.env): z.output<z.ZodObject<S>> {
  const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ''));
  const parsed = z.object(shape).safeParse(given);
  if (parsed.success) return parsed.data;
  const mistakes = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
  process.stderr.write(`These settings are wrong:\n${mistakes.join('\n')}\n`);
  process.exit(1);
}

/** Settings that every process on the bus has. */
export const busEnv = {
  NATS_URL: z.url(),
  SLIPWAY_NATS_SEED_FILE: z.string().min(1),
  /** The certificate that a tls:// server must show. */
  SLIPWAY_NATS_CA_FILE: z.string().min(1).optional(),
};
