import { basic, fetchToken, readChallenge } from './login.ts';
import type { RegistryLogin } from './login.ts';

export interface RegistryClientOptions {
  /** `host[:port]` */
  host: string;
  /** Plain http. */
  insecure: boolean;
  /** Null: it takes everybody. */
  login: RegistryLogin | null;
  /** Ends all that is under way. */
  signal: AbortSignal;
}

export interface RegistryClient {
  /** One call of the registry's API, with the login as it asks for it; answers whatever status it has. Throws where there is no answer. */
  call(repository: string, path: string, init?: { method?: 'GET' | 'HEAD' | 'DELETE'; headers?: Record<string, string> }): Promise<Response>;
}

/** How long one answer may take. */
const ANSWER_MS = 30_000;

/** A registry, spoken to by the OCI distribution protocol. */
export function createRegistryClient({ host, insecure, login, signal }: RegistryClientOptions): RegistryClient {
  /** By repository and kind of call: a token that may read may not delete. */
  const known = new Map<string, { header: string; until: number }>();

  const logIn = async (refused: Response): Promise<{ header: string; until: number } | null> => {
    const challenge = readChallenge(refused.status, refused.headers.get('www-authenticate'));
    if (challenge.scheme === 'basic') return login && { header: basic(login), until: Infinity };
    if (challenge.scheme === 'none') return null;
    // As it asks for it: registries do not agree on what the right to delete is called.
    const { token, until } = await fetchToken(challenge, login, challenge.scope === null ? [] : [challenge.scope]);
    return { header: `Bearer ${token}`, until };
  };
  return {
    call: async (repository, path, { method = 'GET', headers = {} } = {}) => {
      const send = (authorization: string | null): Promise<Response> => fetch(`http${insecure ? '' : 's'}://${host}/v2/${repository}/${path}`, {
        method, headers: authorization === null ? headers : { ...headers, authorization }, signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]),
      });
      const key = `${method === 'DELETE' ? 'delete' : 'read'} ${repository}`;
      const before = known.get(key);
      const answer = await send(before && Date.now() < before.until ? before.header : null);
      if (answer.status !== 401) return answer;
      const fresh = await logIn(answer);
      if (fresh === null) return answer;
      await answer.body?.cancel();
      known.set(key, fresh);
      return send(fresh.header);
    },
  };
}
