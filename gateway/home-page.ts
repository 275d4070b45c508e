import { appUrl } from '../platform/app/app.ts';
import type { Platform } from '../platform/platform.ts';

/** What a person sees at the platform's own address. */
export function homePage(platform: Pick<Platform, 'settings'>): string {
  const address = appUrl(platform, { name: 'my-app' });
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Slipway</title><link rel="icon" href="data:,">
<style>:root{color-scheme:light dark}body{font:16px/1.6 system-ui,sans-serif;max-width:40rem;margin:4rem auto;padding:0 1rem}code,pre{background:#8882;border-radius:.2em}code{padding:.1em .3em}pre{padding:.8em 1em;overflow:auto}</style></head>
<body><h1>Slipway</h1>
<p>This platform is up. To deploy an app, in its repository:</p>
<pre>slipway create my-app
git push slipway main</pre>
<p>Then it answers at <code>${escapeHtml(address)}</code>. More is in the README.</p>
<p><a href="/account">Your account</a> · <a href="/graphql">Explore the API</a></p></body></html>
`;
}

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
