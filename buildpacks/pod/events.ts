import { closeSync, openSync, readSync, watch, writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { reportTo, send } from '../lifecycle/report.ts';
import { readCredentials } from '../../registry/login.ts';
import { createRegistryGateway } from './registry-gateway.ts';

/**
 * Runs beside all parts of a build on Kubernetes. Prints the build's events, one JSON document a line, and is the registry for the others:
 * it alone has the registry's password, and lets nobody write to another app's images.
 */
const { values } = parseArgs({ options: {
  report: { type: 'string', default: '/report' }, port: { type: 'string', default: '5000' }, registry: { type: 'string' }, insecure: { type: 'boolean', default: false },
  login: { type: 'string' }, repository: { type: 'string' }, tag: { type: 'string' }, 'read-repository': { type: 'string', multiple: true, default: [] }, clean: { type: 'boolean', default: false },
} });
if (values.registry === undefined || values.repository === undefined || values.tag === undefined) throw new Error('--registry, --repository or --tag is missing');

const file = join(values.report, 'events');
const fd = openSync(file, 'a+', 0o600);
reportTo(fd);

const POLL_MS = 250;
let position = 0;
function printNews(): void {
  const buffer = Buffer.alloc(64 * 1024);
  for (let length = 1; length > 0; position += length) {
    length = readSync(fd, buffer, 0, buffer.length, position);
    for (let written = 0; written < length;) written += writeSync(1, buffer, written, length - written);
  }
}
watch(file, printNews);
setInterval(printNews, POLL_MS);

const login = values.login === undefined ? null : readCredentials(await readFile(values.login, 'utf8'), values.registry);
const gateway = createRegistryGateway({
  upstream: new URL(`http${values.insecure ? '' : 's'}://${values.registry}`), login, own: values.repository, tag: values.tag, readable: values['read-repository'], forgetful: values.clean,
  onProblem: (reason, message) => { send({ type: 'registry', reason, message }); },
});
// Pods share their loopback among their own containers only.
const server = createServer((request, response) => { void gateway(request, response); }).listen(Number(values.port), '127.0.0.1');
server.requestTimeout = 0;

process.once('SIGTERM', () => {
  printNews();
  closeSync(fd);
  process.exit(0);
});
