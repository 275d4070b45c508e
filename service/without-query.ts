/** A request's path as it was sent, without its query. */
export const withoutQuery = (url = '/'): string => url.split('?', 1)[0] ?? '/';
