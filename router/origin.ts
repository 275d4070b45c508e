import type { IncomingMessage } from 'node:http';

export interface Origin {
  /** The addresses the request came through, the client's first. */
  client: string;
  /** What an app is told of it. */
  headers: string[];
}

/** Where a request came from. What the client claims of itself counts only where it is a proxy of the operator's own (`trusted`). */
export function originOf({ headers, socket }: IncomingMessage, { trusted, port }: { trusted: boolean; port: number }): Origin {
  const claimed = (name: string): string | undefined => {
    const value = trusted ? headers[`x-forwarded-${name}`] : undefined;
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const peer = (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
  const before = claimed('for');
  const client = before === undefined ? peer : `${before}, ${peer}`;
  const proto = claimed('proto') === 'https' ? 'https' : 'http';
  return {
    client,
    headers: [
      'X-Forwarded-For', client, 'X-Forwarded-Proto', proto, 'X-Forwarded-Host', claimed('host') ?? headers.host ?? '',
      'X-Forwarded-Port', claimed('port') ?? portOf(headers.host) ?? (proto === 'https' ? '443' : String(port)),
    ],
  };
}

function portOf(host: string | undefined): string | undefined {
  return /:(\d{1,5})$/.exec(host ?? '')?.[1];
}
