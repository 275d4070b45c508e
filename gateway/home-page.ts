/** What a person sees at the platform's own address. */
export function homePage({ url, domain }: { url: string; domain: string }): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Slipway</title>
<style>body{font:16px/1.6 system-ui,sans-serif;max-width:40rem;margin:4rem auto;padding:0 1rem}code{background:#8882;padding:.1em .3em;border-radius:.2em}</style></head>
<body><h1>Slipway</h1>
<p>This platform is up. Apps answer at <code>&lt;app&gt;.${escapeHtml(domain)}</code>, and you deploy one with <code>git push</code> to <code>${escapeHtml(url)}/git/&lt;app&gt;.git</code>.</p>
<p><a href="/graphql">Explore the API</a></p></body></html>
`;
}

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
