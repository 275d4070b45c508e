// Serves the files of public/ where there is one, else of the app's directory: part of the slug of a static site. No dependencies.
import { createReadStream, existsSync } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, sep } from 'node:path';
import { pipeline } from 'node:stream';

const types = {
  '.html': 'text/html; charset=utf-8', '.css': 'text/css; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.mjs': 'text/javascript; charset=utf-8',
  '.json': 'application/json', '.map': 'application/json', '.webmanifest': 'application/manifest+json', '.txt': 'text/plain; charset=utf-8', '.md': 'text/plain; charset=utf-8',
  '.xml': 'application/xml', '.svg': 'image/svg+xml', '.png': 'image/png', '.jpg': 'image/jpeg', '.jpeg': 'image/jpeg', '.gif': 'image/gif', '.webp': 'image/webp', '.avif': 'image/avif',
  '.ico': 'image/x-icon', '.woff': 'font/woff', '.woff2': 'font/woff2', '.ttf': 'font/ttf', '.otf': 'font/otf', '.wasm': 'application/wasm', '.pdf': 'application/pdf',
  '.mp4': 'video/mp4', '.webm': 'video/webm', '.mp3': 'audio/mpeg', '.zip': 'application/zip',
};
const root = await realpath(existsSync('public/index.html') ? 'public' : '.');

/** The file for a path; null: there is none, or it is not for the world (dot files, the Procfile, what lies outside by a link). */
async function find(path) {
  if (path.includes('\0') || path.split('/').some((part) => part.startsWith('.') && part !== '.well-known') || path === '/Procfile') return null;
  const file = await realpath(join(root, path)).catch(() => null);
  if (file === null || (file !== root && !file.startsWith(root + sep))) return null;
  const found = await stat(file);
  if (found.isDirectory()) return path.endsWith('/') ? find(`${path}index.html`) : await find(`${path}/index.html`) && { redirect: true };
  return found.isFile() ? { file, size: found.size, etag: `"${found.size.toString(36)}-${Math.round(found.mtimeMs).toString(36)}"` } : null;
}

async function serve(request, response) {
  if (request.method !== 'GET' && request.method !== 'HEAD') { response.writeHead(405, { allow: 'GET, HEAD' }).end('Only GET and HEAD.\n'); return; }
  const [rawPath, query] = request.url.split(/\?(.*)/s);
  let path;
  try { path = decodeURIComponent(rawPath); } catch { response.writeHead(400).end('Malformed URL.\n'); return; }
  const found = path.startsWith('/') ? await find(path) : null;
  // Relative to the page, so that `//host` can never be made of it.
  if (found?.redirect) { response.writeHead(301, { location: `./${encodeURIComponent(path.split('/').at(-1))}/${query ? `?${query}` : ''}` }).end(); return; }
  const page = found ?? await find('/404.html');
  if (!page?.file) { response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end('There is no such page.\n'); return; }
  const headers = { 'content-type': types[extname(page.file).toLowerCase()] ?? 'application/octet-stream', etag: page.etag, 'cache-control': 'no-cache', 'x-content-type-options': 'nosniff' };
  if (found && request.headers['if-none-match'] === page.etag) { response.writeHead(304, headers).end(); return; }
  response.writeHead(found ? 200 : 404, { ...headers, 'content-length': page.size });
  if (request.method === 'HEAD') { response.end(); return; }
  pipeline(createReadStream(page.file), response, () => {});
}

const server = createServer((request, response) => { serve(request, response).catch((error) => { process.stderr.write(`${error.stack}\n`); response.destroy(); }); });
server.listen(Number(process.env.PORT ?? 3000), () => process.stdout.write(`Serving ${root} on port ${process.env.PORT ?? 3000}\n`));
process.on('SIGTERM', () => { server.close(() => process.exit(0)); server.closeIdleConnections(); });
