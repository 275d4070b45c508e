import { MAX_PAYLOAD } from './check-server.ts';
import { busPermissions, processesOf } from './permissions.ts';
import type { BusCluster, BusProcess } from './permissions.ts';

export interface BusServer {
  cluster: BusCluster;
  /** `host:port` */
  listen: string;
  store: string;
  maxStoreBytes: number;
  publicKey(process: BusProcess): string;
  tls?: { cert_file: string; key_file: string };
  /** `host:port` of its monitoring, for a cluster's probes. */
  http?: string;
}

/** Each process as a user of the server's configuration: its public key, and the least subjects it needs. */
export function busServerUsers(cluster: BusCluster, publicKey: (process: BusProcess) => string): object[] {
  return processesOf(cluster).map((name) => {
    const { publish, subscribe, answers } = busPermissions(name, cluster);
    const permissions = { publish: { allow: publish }, subscribe: { allow: subscribe }, ...(answers ? { allow_responses: { max: 1, expires: '60s' } } : {}) };
    return { nkey: publicKey(name), permissions };
  });
}

/** The configuration of a NATS server that lets each process do what `bus/permissions.ts` says, and nobody else in. JSON is a subset of its syntax. */
export function busServerConfig({ cluster, listen, store, maxStoreBytes, publicKey, tls, http }: BusServer): string {
  return JSON.stringify({
    listen, ...(http === undefined ? {} : { http }), ...(tls ? { tls } : {}), max_payload: MAX_PAYLOAD, max_connections: 200,
    jetstream: { store_dir: store, max_memory_store: 64 * 1024 * 1024, max_file_store: maxStoreBytes },
    authorization: { users: busServerUsers(cluster, publicKey) },
  }, null, 1);
}
