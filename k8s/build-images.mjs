#!/usr/bin/env node
// Builds the images of this platform and pushes them: with docker or buildah where one is, else with Kaniko in the cluster of kubectl.
//   k8s/build-images.mjs REGISTRY[/PREFIX] [--insecure] [--with docker|buildah|kaniko] [--mirror HOST]… [--stack-base IMAGE] [platform] [stack]
// Tags name the content, so what is there is not built again. Prints one line an image: its name and its reference.
import { spawn, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
const { values: options, positionals: [registry, ...names] } = parseArgs({ allowPositionals: true, options: {
  insecure: { type: 'boolean', default: false }, with: { type: 'string' }, mirror: { type: 'string', multiple: true, default: [] }, 'stack-base': { type: 'string' },
  'kaniko-image': { type: 'string', default: process.env.SLIPWAY_KANIKO_IMAGE ?? 'gcr.io/kaniko-project/executor:v1.24.0' },
} });
/** Of this run's Kaniko pods. */
const namespace = `slipway-images-${randomBytes(4).toString('hex')}`;
if (!registry) fail('Say where to: k8s/build-images.mjs REGISTRY[/PREFIX], as registry.example.com/slipway.');

/** Each with the folder that is its context; the platform's is what .dockerignore leaves of the repository. */
const images = [
  { name: 'platform', context: '.', dockerfile: 'k8s/images/platform/Dockerfile', buildArgs: [] },
  { name: 'stack', context: 'run-image', dockerfile: 'run-image/Dockerfile', buildArgs: options['stack-base'] ? [`BASE_IMAGE=${options['stack-base']}`] : [] },
];

const tool = options.with ?? ['docker', 'buildah'].find((name) => spawnSync(name, ['version'], { stdio: 'ignore' }).status === 0) ?? 'kaniko';
process.once('exit', () => { if (tool === 'kaniko') spawnSync('kubectl', ['delete', 'namespace', namespace, '--wait=false', '--ignore-not-found'], { stdio: ['ignore', 'ignore', 2] }); });
for (const image of images.filter(({ name }) => names.length === 0 || names.includes(name))) {
  image.files = contextFiles(image.context);
  const reference = `${registry}/${image.name}:${contentTag(image)}`;
  if (!await exists(reference)) await build(image, reference);
  process.stdout.write(`${image.name} ${reference}\n`);
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

/** Files of the context, sorted: those of a folder's .dockerignore ("*" and "!name" lines, "**" patterns of ends), without links out of it. */
function contextFiles(context) {
  const lines = readLines(join(root, context, '.dockerignore'));
  const kept = lines.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
  const ends = lines.filter((line) => line.startsWith('**/*')).map((line) => line.slice(4));
  const walk = (path) => {
    const stat = lstatSync(join(root, context, path));
    if (stat.isDirectory()) return readdirSync(join(root, context, path)).sort().flatMap((name) => walk(path === '' ? name : `${path}/${name}`));
    return ends.some((end) => path.endsWith(end)) ? [] : [path];
  };
  return kept.length > 0 ? kept.flatMap((path) => (lstatSync(join(root, context, path), { throwIfNoEntry: false }) ? walk(path) : [])).sort() : walk('');
}

function readLines(file) {
  try { return readFileSync(file, 'utf8').split('\n').map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#')); } catch { return []; }
}

function contentTag({ context, dockerfile, buildArgs, files }) {
  const hash = createHash('sha256').update(readFileSync(join(root, dockerfile))).update(buildArgs.join('\0'));
  for (const file of files) {
    const path = join(root, context, file);
    const stat = lstatSync(path);
    hash.update(`\0${file}\0${stat.mode & 0o111}\0`).update(stat.isSymbolicLink() ? '' : readFileSync(path));
  }
  return hash.digest('hex').slice(0, 16);
}

/** Whether the registry has it; one that does not answer us (a login, another network) is simply pushed to. */
async function exists(reference) {
  const [, host, name, tag] = /^([^/]+)\/(.+):([^:]+)$/.exec(reference);
  const accept = 'application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.index.v1+json';
  const answer = await fetch(`http${options.insecure ? '' : 's'}://${host}/v2/${name}/manifests/${tag}`, { method: 'HEAD', headers: { accept } }).catch(() => null);
  return answer?.status === 200;
}

async function build(image, reference) {
  process.stderr.write(`building ${reference} with ${tool}\n`);
  if (tool === 'kaniko') return buildInCluster(image, reference);
  const verify = tool === 'buildah' && options.insecure ? ['--tls-verify=false'] : [];
  run(tool, ['build', ...verify, ...image.buildArgs.flatMap((arg) => ['--build-arg', arg]), '-t', reference, '-f', join(root, image.dockerfile), join(root, image.context)]);
  run(tool, ['push', ...verify, reference]);
}

function run(file, args, input) {
  const { status, error } = spawnSync(file, args, { stdio: [input === undefined ? 'ignore' : 'pipe', 2, 2], input });
  if (status !== 0) fail(`${file} ${args[0]} failed${error ? `: ${error.message}` : ` with exit code ${status}`}.`);
}

/** A Kaniko pod that gets the context on its standard input. */
async function buildInCluster({ context, dockerfile, buildArgs, files }, reference) {
  const pod = basename(reference).replace(':', '-');
  const args = ['--context=tar://stdin', '--dockerfile=Dockerfile', `--destination=${reference}`, '--cache=true', `--cache-repo=${registry}/cache`, '--single-snapshot=false', '--snapshot-mode=redo',
    '--compressed-caching=false', '--push-retry=3', '--log-format=text', ...buildArgs.map((arg) => `--build-arg=${arg}`), ...options.mirror.map((host) => `--registry-mirror=${host}`), ...(options.insecure ? ['--insecure', '--insecure-pull'] : [])];
  run('kubectl', ['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels: { 'pod-security.kubernetes.io/enforce': 'baseline' } } }));
  run('kubectl', ['apply', '-f', '-'], JSON.stringify({
    apiVersion: 'v1', kind: 'Pod', metadata: { name: pod, namespace },
    spec: { restartPolicy: 'Never', automountServiceAccountToken: false, containers: [{ name: 'kaniko', image: options['kaniko-image'], args, stdin: true, stdinOnce: true }] },
  }));
  run('kubectl', ['wait', '-n', namespace, `pod/${pod}`, '--for=jsonpath={.status.phase}=Running', '--timeout=180s']);
  const attach = spawn('kubectl', ['attach', '-n', namespace, '-i', pod], { stdio: ['pipe', 2, 2] });
  // The Dockerfile is not in the context where .dockerignore leaves it out.
  const tar = spawn('tar', ['-cz', '--owner=0', '--group=0', '--mtime=@0', '-C', join(root, context), '--transform', `s,^${dockerfile.replaceAll('.', '\\.')}$,Dockerfile,`, '--no-recursion', '-T', '-'], { stdio: ['pipe', 'pipe', 2] });
  tar.stdin.end([...(files.includes('Dockerfile') ? [] : [dockerfile]), ...files].join('\n'));
  tar.stdout.pipe(attach.stdin);
  attach.stdin.on('error', () => undefined);
  await new Promise((resolve) => { attach.once('close', resolve); });
  run('kubectl', ['wait', '-n', namespace, `pod/${pod}`, '--for=jsonpath={.status.phase}=Succeeded', '--timeout=60s']);
}
