// The init container of NATS: writes its configuration from the public keys of the processes and the rules of this version.
import { readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { busServerConfig } from '../bus/server-config.ts';
import { readEnv } from '../service/env.ts';

const env = readEnv({ SLIPWAY_NATS_STORE_MB: z.coerce.number().int().positive() });
const publicKeys = z.record(z.string(), z.string()).parse(JSON.parse(readFileSync('/bus/public-keys.json', 'utf8')));

writeFileSync('/config/nats.conf', busServerConfig({
  cluster: 'kubernetes', listen: '0.0.0.0:4222', http: '0.0.0.0:8222', store: '/data/jetstream', maxStoreBytes: env.SLIPWAY_NATS_STORE_MB * 1024 * 1024,
  tls: { cert_file: '/bus/tls.crt', key_file: '/bus/tls.key' },
  publicKey: (process) => {
    const key = publicKeys[process];
    if (key === undefined) throw new Error(`The Secret bus-server has no public key of ${process}: the installer adds it.`);
    return key;
  },
}));
