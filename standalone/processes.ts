import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BusProcess } from '../bus/permissions.ts';
import type { Home } from './home.ts';
import type { Settings } from './settings.ts';

/** What a process of ours may see of the supervisor's own environment: settings, and what Node, git and OpenTelemetry need. What they start has environments of its own. */
const PASSED = /^(PATH|HOME|LANG|LC_.*|TMPDIR|TZ|NODE_(EXTRA_CA_CERTS|COMPILE_CACHE)|(HTTP|HTTPS|NO)_PROXY|(http|https|no)_proxy|OTEL_[A-Z0-9_]+|SLIPWAY_(LOG_LEVEL|FAULT_DIR|MAX_PUSH_BYTES|BUILD_.*|SLUG_MB|SLUG_LAYERS|BOOT_SECONDS|DRAIN_SECONDS|BUILDERS|LOG_.*_MB|LOG_ROTATE_BYTES|TOOLBOX_DIR|REQUEST_.*|TRUST_PROXY|PROXIES|CORS_ORIGINS|INTROSPECTION|ONLY_PERSISTED))$/;

const root = fileURLToPath(new URL('..', import.meta.url));

/** In the order in which they are started; they are stopped in the order of `STOP_ORDER`. */
export const mains: Record<BusProcess, string> = {
  gateway: join(root, 'gateway/main.ts'),
  'log-agent': join(root, 'log-agent/main.ts'),
  'local-node': join(root, 'local-node/main.ts'),
  controller: join(root, 'controller/main.ts'),
  build: join(root, 'builder-agent/build/main.ts'),
  git: join(root, 'builder-agent/git/main.ts'),
  router: join(root, 'router/main.ts'),
};

/** First who takes work in, then who does it, then who tells of it. */
export const STOP_ORDER: BusProcess[] = ['git', 'build', 'controller', 'router', 'local-node', 'log-agent', 'gateway'];

export interface Urls { database: string; nats: string; seedFile(process: BusProcess): string }

/** The whole environment of one process: the least it needs, nothing of another's. */
export function processEnv(name: BusProcess, home: Home, settings: Settings, urls: Urls): Record<string, string> {
  const passed = Object.fromEntries(Object.entries(process.env).filter((entry): entry is [string, string] => PASSED.test(entry[0]) && entry[1] !== undefined));
  const dir = (sub: string): string => join(home.dir, sub);
  const socket = (which: string): string => join(home.run, `${which}.sock`);
  const nodeDir = join(home.open, 'node');
  mkdirSync(nodeDir, { recursive: true, mode: 0o711 });
  const everywhere = {
    ...passed, NATS_URL: urls.nats, SLIPWAY_NATS_SEED_FILE: urls.seedFile(name),
    SLIPWAY_URL: settings.url, SLIPWAY_DOMAIN: settings.domain, SLIPWAY_PORT: String(settings.port), SLIPWAY_INTERNAL_URL: `http://127.0.0.1:${settings.port}`,
  };
  const database = { DATABASE_URL: urls.database, SLIPWAY_KEY_FILE: home.masterKeyFile, SLIPWAY_BLOB_DIR: dir('blobs') };
  // The password of the mail server is nobody else's to see.
  const ofGateway = Object.fromEntries(['SLIPWAY_REGISTRATION', 'SLIPWAY_SMTP_URL', 'SLIPWAY_MAIL_FROM'].map((setting) => [setting, process.env[setting] ?? '']));
  const own: Record<BusProcess, Record<string, string>> = {
    gateway: { ...database, SLIPWAY_SOCKET: socket('gateway'), SLIPWAY_MAIL_DIR: dir('mail'), ...ofGateway },
    controller: database,
    git: { SLIPWAY_SOCKET: socket('git'), SLIPWAY_REPOSITORY_DIR: dir('repositories') },
    build: {},
    'log-agent': { SLIPWAY_LOG_DIR: dir('logs'), SLIPWAY_POSITION_FILE: dir('run/log-positions.json') },
    'local-node': { SLIPWAY_LOG_DIR: dir('logs'), SLIPWAY_NODE_DIR: nodeDir, SLIPWAY_UID_BASE: home.uidBase === undefined ? '' : String(home.uidBase) },
    router: {
      SLIPWAY_LISTEN: settings.listen, SLIPWAY_GATEWAY_SOCKET: socket('gateway'), SLIPWAY_GIT_SOCKET: socket('git'), SLIPWAY_LOG_DIR: dir('logs'), SLIPWAY_ROUTE_FILE: dir('run/routes.json'),
    },
  };
  return { ...everywhere, ...own[name] };
}
