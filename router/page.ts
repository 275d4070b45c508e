import type { IncomingMessage, ServerResponse } from 'node:http';

/** Why there is no answer from the app; also in the header X-Slipway-Reason. */
export type Reason = 'unknown-app' | 'nothing-deployed' | 'starting' | 'crashed' | 'scaled-to-zero' | 'no-web' | 'replica-closed' | 'timeout' | 'platform-away' | 'bad-request';

interface Page { status: number; title: string; text: string; retryAfter?: number }

const pages: Record<Reason, Page> = {
  'unknown-app': { status: 404, title: 'No such app', text: 'There is no app at this address.' },
  'nothing-deployed': { status: 404, title: 'Nothing deployed yet', text: 'This app exists, and nothing was deployed to it yet. Push to it: git push slipway main.' },
  'starting': { status: 503, title: 'Starting', text: 'This app is starting. Try again in a moment.', retryAfter: 2 },
  'crashed': { status: 503, title: 'Crashed', text: 'This app ended when it was started and is being started again. Its owner finds the reason in its log: slipway logs.', retryAfter: 10 },
  'scaled-to-zero': { status: 503, title: 'Stopped', text: 'This app is scaled to zero. Its owner can start it: slipway ps:scale web=1.' },
  'no-web': { status: 404, title: 'No web process', text: 'This app has no process of type web, so nothing answers here.' },
  'replica-closed': { status: 502, title: 'No answer', text: 'The app closed the connection before it had answered.' },
  'timeout': { status: 504, title: 'No answer in time', text: 'The app did not answer in time.' },
  'platform-away': { status: 503, title: 'The platform is starting', text: 'This part of the platform is not there at the moment. Try again in a moment.', retryAfter: 2 },
  'bad-request': { status: 400, title: 'Bad request', text: 'This request cannot be passed on.' },
};

/** Answers in place of an app: a page for a browser, JSON or plain text for programs; nothing of the platform's inside is told. */
export function answerPage(request: IncomingMessage, response: ServerResponse, reason: Reason, requestId: string): void {
  const page = pages[reason];
  if (response.headersSent || response.destroyed) { response.destroy(); return; }
  const [type, body] = bodyFor(request.headers.accept ?? '', page, reason, requestId);
  response.writeHead(page.status, {
    'content-type': type, 'content-length': Buffer.byteLength(body), 'cache-control': 'no-store', 'x-slipway-reason': reason, 'x-request-id': requestId,
    ...(page.retryAfter === undefined ? {} : { 'retry-after': String(page.retryAfter) }),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

function bodyFor(accept: string, { title, text }: Page, reason: Reason, requestId: string): [string, string] {
  if (accept.includes('text/html')) return ['text/html; charset=utf-8', html(title, `<p>${text}</p><p class="id">Request ${requestId}</p>`)];
  if (accept.includes('json')) return ['application/json; charset=utf-8', `${JSON.stringify({ reason, message: text, requestId })}\n`];
  return ['text/plain; charset=utf-8', `${title}. ${text}\n`];
}

/** The frame of all our pages; `content` is ours, nothing of a request is in it unescaped. */
function html(title: string, content: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title>
<style>body{font:16px/1.6 system-ui,sans-serif;max-width:42rem;margin:15vh auto;padding:0 1.5rem;color:#1c2430;background:#fff}h1{font-size:1.6rem;margin:0 0 .5rem}code,pre{font:14px/1.6 ui-monospace,monospace;background:#f2f4f7;border-radius:6px}code{padding:.1rem .3rem}pre{padding:1rem;overflow:auto}a{color:#0a58ca}.id{color:#5c6675;font-size:.85rem}@media(prefers-color-scheme:dark){body{color:#e6e9ee;background:#12161c}code,pre{background:#1f262f}a{color:#7fb0ff}.id{color:#98a2b0}}</style>
<h1>${title}</h1>${content}</html>\n`;
}
