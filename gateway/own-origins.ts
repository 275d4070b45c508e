/** The origins that pages of the platform itself come from. */
export function ownOrigins({ url, port }: { url: string; port: number }): Set<string> {
  return new Set([new URL(url).origin, ...['localhost', '127.0.0.1', '[::1]'].map((host) => new URL(`http://${host}:${port}`).origin)]);
}
