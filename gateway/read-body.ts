import type { IncomingMessage } from 'node:http';

/** A request whose body cannot be had: too long, or not sent in time. */
export class BodyRefused extends Error {
  readonly status: number;
  readonly maximum: number;
  /** Bytes that came, or were announced. */
  readonly actual: number;
  constructor(status: number, message: string, maximum: number, actual: number) {
    super(message);
    this.status = status;
    this.maximum = maximum;
    this.actual = actual;
  }
}

const BODY_MS = 30_000;

/** The whole body. Throws BodyRefused (413, 408); rejects too where the sender goes away. */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer<ArrayBuffer>> {
  const tooLarge = (bytes: number): BodyRefused => new BodyRefused(413, `The request body has ${bytes} bytes or more; at most ${maxBytes} are allowed.`, maxBytes, bytes);
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > maxBytes) return Promise.reject(tooLarge(announced));
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const timer = setTimeout(() => { done(() => { reject(new BodyRefused(408, 'The request body did not come in time.', maxBytes, size)); }); }, BODY_MS);
    const done = (settle: () => void): void => { clearTimeout(timer); request.off('data', take).off('end', end).off('error', fail).off('close', closed); settle(); };
    const take = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > maxBytes) done(() => { reject(tooLarge(size)); }); else chunks.push(chunk);
    };
    const end = (): void => { done(() => { resolve(Buffer.concat(chunks)); }); };
    const fail = (error: Error): void => { done(() => { reject(error); }); };
    const closed = (): void => { fail(new Error('The sender went away.')); };
    request.on('data', take).on('end', end).on('error', fail).on('close', closed);
  });
}
