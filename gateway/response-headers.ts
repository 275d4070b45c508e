import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';

/** What is no page runs and loads nothing, wherever a browser is made to show it. */
const NO_PAGE = "default-src 'none'; frame-ancestors 'none'";
const YEAR_SECONDS = 31_536_000;

/** What browsers are told with each answer of the platform's own; a page replaces the policy by its own. */
export function setSecureHeaders(response: ServerResponse, platformUrl: string): void {
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('referrer-policy', 'no-referrer');
  response.setHeader('x-frame-options', 'DENY');
  response.setHeader('content-security-policy', NO_PAGE);
  response.setHeader('cross-origin-resource-policy', 'same-origin');
  response.setHeader('cache-control', 'no-store');
  if (platformUrl.startsWith('https:')) response.setHeader('strict-transport-security', `max-age=${YEAR_SECONDS}`);
}

/** What a page of ours may do: run and show what stands in it, and nothing else. */
export function pagePolicy(html: string, also: Record<string, string> = {}): string {
  const directives = { 'default-src': "'none'", 'script-src': hashesOf(html, 'script'), 'style-src': hashesOf(html, 'style'), 'img-src': 'data:', ...also, 'base-uri': "'none'", 'form-action': "'none'", 'frame-ancestors': "'none'" };
  return Object.entries(directives).map(([name, value]) => `${name} ${value}`).join('; ');
}

/** What stands in elements of this name, as digests that a browser compares with what it finds. */
function hashesOf(html: string, element: 'script' | 'style'): string {
  const hashes = [...html.matchAll(new RegExp(`<${element}>(.*?)</${element}>`, 'gs'))].map(([, text = '']) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`);
  return hashes.length > 0 ? hashes.join(' ') : "'none'";
}
