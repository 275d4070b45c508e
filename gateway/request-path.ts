import type { IncomingMessage } from 'node:http';

/** The path of a request; of what is no URL at all (`//`), as strangers may send it, one where nothing is. */
export const pathOf = ({ url = '/' }: Pick<IncomingMessage, 'url'>): string => URL.parse(url, 'http://gateway')?.pathname ?? '/nothing';
