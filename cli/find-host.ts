import { lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';

/** Node resolves no *.localhost, which is this machine by definition. */
export const findHost: LookupFunction = (host, options, callback) => {
  lookup(/\.localhost\.?$/.test(host) ? 'localhost' : host, options, callback);
};
