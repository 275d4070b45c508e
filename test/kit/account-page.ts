import assert from 'node:assert/strict';
import { Window } from 'happy-dom';
import type { HTMLElement } from 'happy-dom';
import { ORIGIN } from './account-rig.ts';
import type { Browser } from './account-rig.ts';
import type { TestGateway } from './gateway.ts';
import type { Scope } from './temp.ts';
import { until } from './wait.ts';

/** The page /account, its script running in a DOM, as somebody uses it who sees what is shown and nothing else. */
export interface AccountPage {
  /** What the address bar has. */
  address(): string;
  /** The text of the pane that is shown. */
  text(): string;
  /** What the page says above it, once it is this. */
  says(what: RegExp): Promise<void>;
  /** The pane is shown (or what is hidden in it). */
  shows(selector: string): Promise<HTMLElement>;
  isShown(selector: string): boolean;
  /** Fills in the fields of a form that is shown, and presses its button. */
  submit(form: string, fields?: Record<string, string>): void;
  press(text: string, within?: string): void;
}

const within = 60_000;

/** Opens it in a browser, with what follows the # in a mail's link. */
export async function openAccountPage(scope: Scope, gateway: TestGateway, browser: Browser, hash = ''): Promise<AccountPage> {
  const { text: html } = await gateway.http('/account');
  const window = new Window({ url: `${ORIGIN}/account${hash}`, settings: { enableJavaScriptEvaluation: true, suppressInsecureJavaScriptEnvironmentWarning: true } });
  scope.after(() => window.happyDOM.close());
  Object.assign(window, { fetch: browser.fetch });
  const { document } = window;
  document.write(html);

  const find = (selector: string): HTMLElement => document.querySelector<HTMLElement>(selector) ?? assert.fail(`no ${selector} in the page`);
  const isShown = (selector: string): boolean => find(selector).closest('[hidden]') === null;
  const shown = (selector: string): HTMLElement => { assert.ok(isShown(selector), `${selector} is not shown; there is: ${self.text()}`); return find(selector); };
  const message = (): string => find('#message').textContent;
  const self: AccountPage = {
    address: () => window.location.href,
    text: () => `${message()} ${[...document.querySelectorAll('main > :not([hidden])')].map(({ textContent }) => textContent.replace(/\s+/g, ' ').trim()).join(' ')}`,
    says: (what) => until(() => what.test(message()), { within, what: () => `it says ${what}; it says "${message()}", and there is ${self.text()}` }),
    shows: async (selector) => { await until(() => isShown(selector), { within, what: () => `${selector} is shown; there is: ${self.text()}` }); return find(selector); },
    isShown,
    submit: (form, fields = {}) => {
      for (const [name, value] of Object.entries(fields)) (shown(`${form} [name=${name}]`) as unknown as { value: string }).value = value;
      shown(`${form} button`).click();
    },
    press: (text, inside = 'main') => {
      const button = [...document.querySelectorAll<HTMLElement>(`${inside} button`)].find((one) => one.textContent === text && one.closest('[hidden]') === null);
      (button ?? assert.fail(`no button "${text}" is shown in ${inside}; there is: ${self.text()}`)).click();
    },
  };
  return self;
}
