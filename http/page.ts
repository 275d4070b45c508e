import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Route } from '../bus/route.ts';

/** Why there is no answer from the app; also in the header X-Slipway-Reason. `replica-cut` and `client-gone` are only told in the log: nobody can be answered any more. */
export type Reason = Exclude<Route['state'], 'up'> | 'unknown-app' | 'replica-closed' | 'replica-cut' | 'timeout' | 'platform-away' | 'bad-request' | 'client-gone';

interface Page { status: number; title: string; text: string; retryAfter?: number }

const pages: Record<Reason, Page> = {
  'unknown-app': { status: 404, title: 'No such app', text: 'There is no app at this address.' },
  'nothing-deployed': { status: 404, title: 'Nothing deployed yet', text: 'This app exists, and nothing was deployed to it yet. Its owner deploys it with: git push slipway main' },
  'starting': { status: 503, title: 'Starting', text: 'This app is starting. Try again in a moment.', retryAfter: 2 },
  'crashed': { status: 503, title: 'Crashed', text: 'This app has crashed and is being started again. Its owner finds the reason in its log: slipway logs', retryAfter: 10 },
  'scaled-to-zero': { status: 503, title: 'Stopped', text: 'This app is stopped: it is scaled to zero. Its owner starts it with: slipway ps:scale web=1' },
  'no-web': { status: 404, title: 'No web process', text: 'This app has no process of type web, so nothing answers here.' },
  'replica-closed': { status: 502, title: 'No answer', text: 'The app closed the connection before it had answered.' },
  'replica-cut': { status: 502, title: 'No answer', text: 'The app closed the connection before it had answered.' },
  'timeout': { status: 504, title: 'No answer in time', text: 'The app did not answer in time.' },
  'platform-away': { status: 503, title: 'Not ready', text: 'This part of the platform is not there at the moment. Try again in a moment.', retryAfter: 2 },
  'bad-request': { status: 400, title: 'Bad request', text: 'This request cannot be passed on.' },
  'client-gone': { status: 400, title: 'Bad request', text: 'This request cannot be passed on.' },
};

/** The status that a reason is answered with; none: everything went well. */
export const statusOf = (reason: Reason | null): number => (reason === null ? 200 : pages[reason].status);

/** Answers in place of an app: a page for a browser, JSON or plain text for programs; nothing of the platform's inside is told, and nothing of the request is repeated. */
export function answerPage(request: IncomingMessage, response: ServerResponse, reason: Reason, requestId: string): void {
  if (response.headersSent || response.destroyed) { response.destroy(); return; }
  const page = pages[reason];
  const [type, body] = bodyFor(request.headers.accept ?? '', page, reason, requestId);
  response.writeHead(page.status, {
    'content-type': type, 'content-length': Buffer.byteLength(body), 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', 'x-slipway-reason': reason, 'x-request-id': requestId,
    ...(page.retryAfter === undefined ? {} : { 'retry-after': String(page.retryAfter) }),
    // Where it is not clear where this request ends, the next one on the connection cannot be trusted.
    ...(reason === 'bad-request' ? { connection: 'close' } : {}),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

/** The same for a connection that asked for another protocol: an answer without a body, the last on it. */
export function pageHead(reason: Reason, requestId: string): string {
  const { status, title, retryAfter } = pages[reason];
  return `HTTP/1.1 ${status} ${title}\r\nConnection: close\r\nContent-Length: 0\r\nX-Slipway-Reason: ${reason}\r\nX-Request-Id: ${requestId}\r\n${retryAfter === undefined ? '' : `Retry-After: ${retryAfter}\r\n`}\r\n`;
}

function bodyFor(accept: string, { title, text }: Page, reason: Reason, requestId: string): [string, string] {
  if (accept.includes('text/html')) return ['text/html; charset=utf-8', html(title, text, requestId)];
  if (accept.includes('json')) return ['application/json; charset=utf-8', `${JSON.stringify({ reason, message: text, requestId })}\n`];
  return ['text/plain; charset=utf-8', `${title}. ${text}\n`];
}

/** All of it is ours: even the request's id is one of harmless characters only. */
function html(title: string, text: string, requestId: string): string {
  const [sentence = '', command] = text.split(/: (?=git |slipway )/);
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title>
<style>body{font:16px/1.6 system-ui,sans-serif;max-width:42rem;margin:15vh auto;padding:0 1.5rem;color:#1c2430;background:#fff}h1{font-size:1.6rem;margin:0 0 .5rem}code{font:14px/1.6 ui-monospace,monospace;background:#f2f4f7;border-radius:6px;padding:.1rem .3rem}.id{color:#5c6675;font-size:.85rem}@media(prefers-color-scheme:dark){body{color:#e6e9ee;background:#12161c}code{background:#1f262f}.id{color:#98a2b0}}</style>
<h1>${title}</h1><p>${sentence}${command === undefined ? '' : `: <code>${command}</code>`}</p><p class="id">Request ${requestId}</p></html>\n`;
}
