import type { ServerResponse } from 'node:http';
import type { Purses } from './budget.ts';
import { JSON_TYPE } from './content.ts';
import { costHeaders, costOf } from './cost.ts';
import { WRONG_KEY } from './credentials.ts';

export interface Refusal {
  status: number;
  errors: readonly { message: string; extensions?: Record<string, unknown> }[];
  type?: string;
  headers?: Record<string, string>;
}

/** Answers a request that never came to the engine, in the form of all other answers. @param payer whose purse is told of */
export function refuse(purses: Purses, response: ServerResponse, payer: string, { status, errors, type = JSON_TYPE, headers = {} }: Refusal): void {
  const cost = costOf(0, purses.spend(payer, 0));
  const shown = errors.map(({ message, extensions: { http: _http, ...extensions } = {} }) => ({ message, extensions: { ...extensions, cost: undefined } }));
  response.writeHead(status, { 'content-type': `${type}; charset=utf-8`, ...costHeaders(purses, payer, 0), ...headers }).end(JSON.stringify({ errors: shown, extensions: { cost } }));
}

export const invalid = (message: string): Refusal['errors'] => [{ message, extensions: { code: 'INVALID_INPUT' } }];

export const wrongKey: Refusal = { status: 401, errors: [{ message: WRONG_KEY, extensions: { code: 'UNAUTHENTICATED' } }], headers: { 'www-authenticate': 'Bearer' } };
