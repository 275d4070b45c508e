import assert from 'node:assert/strict';
import { Secret, TOTP } from 'otpauth';
import { openMail } from '../../platform/mail.ts';
import type { MailContent } from '../../platform/mail.ts';
import type { TestGateway } from './gateway.ts';

export const ORIGIN = 'http://localhost:4000';
export const PASSWORD = 'correct horse battery';

export interface Result { __typename: string; code?: string; message?: string; path?: string[]; retryAt?: string; email?: string; secret?: string; uri?: string; qrCode?: string; recoveryCodes?: string[]; sessions?: { id: string }[]; session?: { id: string } }
export interface Answer { result: Result; setCookies: string[] }

/** One browser: it keeps the cookies that it is given (that of its session, and what is left of the one before), and says where its pages are from. */
export interface Browser {
  cookie: string | null;
  former: string | null;
  act(mutation: string, input: object, fields?: string): Promise<Result>;
  ask<T>(query: string, headers?: Record<string, string>): Promise<T>;
  /** What the script of a page asks: with the cookies, and their changes kept. */
  fetch(path: string, init: { method: string; headers: Record<string, string>; body: string }): Promise<{ json(): Promise<unknown> }>;
}

/** What people do with their accounts, by browsers and the mails that they get. */
export function createAccounts(gatewayOf: () => TestGateway) {
  let people = 0;
  const newEmail = (): string => `person${++people}@example.com`;
  /** Each has an address of their own, so that limits of one are not another's. */
  const newAddress = (): string => `10.0.${Math.floor(++people / 250)}.${people % 250}`;

  const send = async (mutation: string, input: object, fields: string, headers: Record<string, string>): Promise<Answer> => {
    const type = mutation[0]?.toUpperCase() + mutation.slice(1);
    const query = `mutation ($input: ${type}Input!) { result: ${mutation}(input: $input) { __typename ... on ${type}Payload { ${fields} } ... on UserError { code message path } ... on TooManyAttempts { retryAt } } }`;
    const document = mutationHasLimit(mutation) ? query : query.replace(' ... on TooManyAttempts { retryAt }', '');
    const { status, text, headers: got } = await gatewayOf().http('/graphql', { method: 'POST', body: JSON.stringify({ query: document, variables: { input } }), headers: { 'content-type': 'application/json', ...headers } });
    const { data, errors } = JSON.parse(text) as { data?: { result: Result }; errors?: { message: string }[] };
    assert.ok(data?.result, `${mutation}: ${status} ${JSON.stringify(errors)}`);
    return { result: data.result, setCookies: [got['set-cookie'] ?? []].flat() };
  };
  const mutationHasLimit = (mutation: string): boolean => !['confirmEmailChange', 'logOut', 'endSession', 'createApp'].includes(mutation);

  const newBrowser = (address = newAddress()): Browser => {
    const headers = (): Record<string, string> => ({ origin: ORIGIN, 'user-agent': 'Firefox', 'x-forwarded-for': address, cookie: [self.cookie, self.former].filter((cookie) => cookie !== null).join('; ') });
    const keep = (setCookie: string): void => {
      const [cookie = ''] = setCookie.split(';');
      self[cookie.startsWith('slipway_former=') ? 'former' : 'cookie'] = setCookie.includes('Max-Age=0') ? null : cookie;
    };
    const self: Browser = {
      cookie: null, former: null,
      act: async (mutation, input, fields = '__typename') => {
        const { result, setCookies } = await send(mutation, input, fields, headers());
        for (const setCookie of setCookies) keep(setCookie);
        return result;
      },
      ask: async <T>(query: string, more: Record<string, string> = {}) => {
        const { text } = await gatewayOf().http('/graphql', { method: 'POST', body: JSON.stringify({ query }), headers: { 'content-type': 'application/json', ...headers(), ...more } });
        return (JSON.parse(text) as { data: T }).data;
      },
      fetch: async (path, init) => {
        const { text, headers: got } = await gatewayOf().http(path, { ...init, headers: { ...init.headers, ...headers() } });
        for (const setCookie of [got['set-cookie'] ?? []].flat()) keep(setCookie);
        return { json: () => Promise.resolve(JSON.parse(text) as unknown) };
      },
    };
    return self;
  };
  const whoIs = async (browser: Browser, headers: Record<string, string> = {}): Promise<string | null> => (await browser.ask<{ viewer: { email: string } | null }>('{ viewer { email } }', headers)).viewer?.email ?? null;

  /** Mails of the outbox to this address, oldest first. */
  const mailsTo = async (email: string): Promise<MailContent[]> => {
    const mails = await gatewayOf().platform.db.mail.findMany({ orderBy: { createdAt: 'asc' } });
    return mails.map((mail) => openMail(gatewayOf().platform, mail)).filter(({ to }) => to === email);
  };
  const tokenIn = (mail: MailContent | undefined, kind: string): string => new RegExp(`${ORIGIN}/account#${kind}=([\\w-]{43})\\n`).exec(mail?.text ?? '')?.[1] ?? assert.fail(`no ${kind} link in ${JSON.stringify(mail)}`);
  const lastToken = async (email: string, kind: string): Promise<string> => tokenIn((await mailsTo(email)).at(-1), kind);

  const signUp = async (email = newEmail(), password = PASSWORD): Promise<string> => {
    const browser = newBrowser();
    assert.deepEqual(await browser.act('signUp', { email }, 'email'), { __typename: 'SignUpPayload', email });
    assert.deepEqual(await browser.act('confirmEmail', { token: await lastToken(email, 'confirm'), password }, 'email'), { __typename: 'ConfirmEmailPayload', email });
    return email;
  };
  const logIn = async (email: string, more: object = {}, browser = newBrowser()): Promise<Browser> => {
    const result = await browser.act('logIn', { email, password: PASSWORD, ...more }, 'user { id } session { id }');
    assert.equal(result.__typename, 'LogInPayload', result.message);
    return browser;
  };
  const idOf = async (email: string): Promise<string> => (await gatewayOf().platform.db.user.findUniqueOrThrow({ where: { email } })).id;
  const eventsOf = async (userId: string): Promise<string[]> => (await gatewayOf().platform.db.event.findMany({ where: { actorId: userId }, orderBy: { id: 'asc' } })).map(({ type }) => type);
  const typeOf = async (result: Promise<Result>): Promise<string> => (await result).__typename;
  const codeNow = (secret: string, timestamp = Date.now()): string => new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp });

  return { newEmail, newAddress, send, newBrowser, whoIs, mailsTo, tokenIn, lastToken, signUp, logIn, idOf, eventsOf, typeOf, codeNow };
}
