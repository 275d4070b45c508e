import { z } from 'zod';

/** The API server's no, or its silence (status 0). */
export class KubeError extends Error {
  status: number;
  /** Kubernetes' own word, such as NotFound, Forbidden, Conflict, Expired; ConnectionLost and Timeout are ours. */
  reason: string;
  retryAfterSeconds: number | null;

  constructor(message: string, { status, reason, retryAfterSeconds = null, cause }: { status: number; reason: string; retryAfterSeconds?: number | null; cause?: unknown }) {
    super(message, { cause });
    this.name = 'KubeError';
    this.status = status;
    this.reason = reason;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

const statusShape = z.object({ message: z.string().optional(), reason: z.string().optional(), code: z.number().optional() });

/** The error that an answer's body (a `Status` object, or a proxy's text) tells of. */
export function errorOfAnswer(what: string, status: number, body: string, retryAfter?: string): KubeError {
  const { message, reason } = parseStatus(body);
  const seconds = retryAfter === undefined ? NaN : Number(retryAfter);
  return new KubeError(`${what}: ${message ?? `the API server answered ${status}`}`, { status, reason: reason ?? `Http${status}`, retryAfterSeconds: Number.isFinite(seconds) ? seconds : null });
}

/** The error that a watch reports as an event of its own. */
export function errorOfStatus(what: string, object: unknown): KubeError {
  const { message, reason, code } = statusShape.safeParse(object).data ?? {};
  return new KubeError(`${what}: ${message ?? 'the watch ended with an error'}`, { status: code ?? 500, reason: reason ?? 'Unknown' });
}

function parseStatus(body: string): z.infer<typeof statusShape> {
  try { return statusShape.safeParse(JSON.parse(body)).data ?? {}; } catch { return {}; }
}
