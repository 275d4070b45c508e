/** A small real app: says its version, config and replica, logs what it is asked to, and can be told to misbehave. */
export const serverSource = `
const http = require('node:http');
const version = require('node:fs').readFileSync('version.txt', 'utf8').trim();
const mode = process.env.MODE ?? '';
const instance = require('node:crypto').randomUUID();
console.log('starting version ' + version);
if (version.includes('exits')) { console.error('cannot start: the database is on fire'); process.exit(3); }
const server = http.createServer((req, res) => {
  const url = new URL(req.url, 'http://x');
  if (url.pathname === '/env') { res.end(process.env[url.searchParams.get('key')] ?? ''); return; }
  if (url.pathname === '/log') { console.log(url.searchParams.get('text')); res.end('logged'); return; }
  if (url.pathname === '/exit') { res.end('bye'); setImmediate(() => process.exit(Number(url.searchParams.get('code') ?? 1))); return; }
  if (url.pathname === '/slow') { setTimeout(() => res.end('slow ' + version), Number(url.searchParams.get('ms') ?? 500)); return; }
  if (url.pathname === '/headers') { res.end(JSON.stringify(req.headers)); return; }
  if (url.pathname === '/pid') { res.end(String(process.pid)); return; }
  if (url.pathname === '/instance') { res.end(instance); return; }
  res.end('version ' + version + ' ' + mode);
});
if (!version.includes('never-binds')) server.listen(Number(process.env.PORT));
else setInterval(() => {}, 1000);
process.on('SIGTERM', () => { server.close(() => process.exit(0)); server.closeIdleConnections(); });
`;

/** The files of the sample app at a version; \`node\` is the program its Procfile names. */
export const sampleApp = (version: string, node: string, more: Record<string, string> = {}): Record<string, string> => ({
  Procfile: `web: ${node} server.js\n`,
  'server.js': serverSource,
  'version.txt': `${version}\n`,
  ...more,
});
