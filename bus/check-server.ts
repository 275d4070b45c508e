import { readFileSync } from 'node:fs';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect, nkeyAuthenticator } from '@nats-io/transport-node';
import semver from 'semver';

/** Direct gets, which logs are read by, came with this version. */
export const OLDEST_NATS = '2.9.0';
export const MAX_PAYLOAD = 1024 * 1024;
const PATIENCE_MS = 10_000;

/** Whether a NATS server of somebody else's can be used, with the gateway's key; a sentence says why not. */
export async function checkServer(url: string, seedFile: string): Promise<string | null> {
  const authenticator = nkeyAuthenticator(new TextEncoder().encode(readFileSync(seedFile, 'utf8').trim()));
  let nc: Awaited<ReturnType<typeof connect>>;
  try {
    nc = await connect({ servers: url, authenticator, inboxPrefix: '_INBOX.gateway', timeout: PATIENCE_MS, reconnect: false });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return `The NATS server at ${url} ${/authorization|authentication/i.test(reason) ? 'does not know our keys' : `cannot be reached (${reason})`}`;
  }
  try {
    const { version = '0', max_payload: payload = 0 } = nc.info ?? {};
    if (semver.lt(semver.coerce(version) ?? '0.0.0', OLDEST_NATS)) return `The NATS server at ${url} is ${version}, and Slipway needs ${OLDEST_NATS} or newer`;
    if (payload < MAX_PAYLOAD) return `The NATS server at ${url} takes messages of ${payload} bytes, and Slipway sends up to ${MAX_PAYLOAD} (max_payload)`;
    await jetstreamManager(nc, { timeout: PATIENCE_MS });
    return null;
  } catch (error) {
    return `The NATS server at ${url} gives us no JetStream (${error instanceof Error ? error.message : String(error)})`;
  } finally {
    await nc.close();
  }
}
