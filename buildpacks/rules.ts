/** One of our own buildpacks: a folder beside this file, by Heroku's contract. */
export interface OwnPack { name: string; dir: string }

/**
 * Which of our buildpacks are tried, in this order, on an app without `.buildpacks`; the first whose bin/detect agrees builds it.
 * Elixir (mix.exs) goes first when it comes: a Phoenix app often has a package.json too. Other languages go before `static`.
 */
export const defaultPacks: readonly OwnPack[] = [
  { name: 'slipway/nodejs', dir: 'nodejs' },
  { name: 'slipway/static', dir: 'static' },
  { name: 'slipway/procfile', dir: 'procfile' },
];

/** The names people know ours by in `.buildpacks`, beside our own. */
export const packAliases: Readonly<Record<string, string>> = { 'heroku/nodejs': 'slipway/nodejs', 'heroku-community/static': 'slipway/static' };

export const noPackHint = 'Slipway builds by itself: Node.js (package.json), static sites (index.html or public/index.html), and anything with a Procfile. For everything else name buildpacks in a file .buildpacks, one https git URL a line.';
