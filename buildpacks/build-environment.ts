import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Settings of the machine by which programs reach the network: a proxy, certificates. None is a secret of the platform. */
export const passedOn: readonly string[] = [
  'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy', 'NODE_USE_ENV_PROXY',
  'NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'SSL_CERT_DIR', 'CURL_CA_BUNDLE', 'GIT_SSL_CAINFO', 'REQUESTS_CA_BUNDLE',
];

/**
 * The environment of a build job beside HOME, PATH and TMPDIR: how the machine reaches the network, and the npm registry of its operator
 * (SLIPWAY_BUILD_NPM_REGISTRY, else what the operator's npm is set to; passwords of a registry are not passed on).
 */
export async function buildEnvironment(source: NodeJS.ProcessEnv = process.env): Promise<Record<string, string>> {
  const environment: Record<string, string> = {};
  for (const name of passedOn) if (source[name]) environment[name] = source[name];
  const registry = source.SLIPWAY_BUILD_NPM_REGISTRY || await npmSetting('registry', source);
  if (registry) environment.npm_config_registry = registry;
  const cafile = await npmSetting('cafile', source);
  if (cafile) environment.npm_config_cafile = cafile;
  return environment;
}

/** A machine without npm builds with npm's own defaults. */
async function npmSetting(name: string, env: NodeJS.ProcessEnv): Promise<string | null> {
  const { stdout } = await promisify(execFile)('npm', ['config', 'get', name], { env, timeout: 20_000 }).catch(() => ({ stdout: '' }));
  const value = stdout.trim();
  return value === '' || value === 'null' || value === 'undefined' ? null : value;
}
