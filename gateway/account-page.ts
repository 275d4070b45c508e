import { readFileSync } from 'node:fs';

const read = (name: string): string => readFileSync(new URL(`./account-page/${name}`, import.meta.url), 'utf8');

/** The page where people sign up, log in and follow the links of mails. It loads nothing, and talks to this API alone. */
export const accountPage = read('page.html').replace('<style></style>', () => `<style>${read('page.css')}</style>`).replace('<script></script>', () => `<script>${read('page.js')}</script>`);
