import { lookup } from 'node:dns/promises';
import ipaddr from 'ipaddr.js';
import { BuildFailure } from './failure.ts';

/** Whether an address is one of the open internet: not private, loopback, link-local, shared, reserved or multicast, mapped ones included. */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  return ipaddr.process(address).range() === 'unicast';
}

export type ResolveHost = (host: string) => Promise<string[]>;

const resolveHost: ResolveHost = async (host) => (await lookup(host, { all: true })).map(({ address }) => address);

/** The address to connect to for a host; refuses a host of which any address is not public (one of several would be enough for an attack). */
export async function publicAddressOf(host: string, resolve: ResolveHost = resolveHost): Promise<string> {
  const addresses = await resolve(host.replace(/^\[|\]$/g, '')).catch((error: unknown) => {
    throw new BuildFailure('BUILDPACK_FETCH_FAILED', `The host ${host} of a buildpack was not found.`, 'Check the URL in .buildpacks, and that this machine reaches that host.', { cause: error });
  });
  const refused = addresses.find((address) => !isPublicAddress(address));
  const first = addresses[0];
  if (refused !== undefined || first === undefined) {
    throw new BuildFailure('BUILDPACK_FETCH_FAILED', `The host ${host} of a buildpack has a private address (${refused ?? 'none'}); only public hosts may be named.`, 'Use a public https git URL, or a path inside the repository.');
  }
  return first;
}
