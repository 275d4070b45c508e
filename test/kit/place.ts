/** Whether this run's tests are for the platform in a cluster. */
export const inCluster = process.env.SLIPWAY_TEST_PLACE === 'kubernetes';

/** Where an app's repository is for `git`, and what `git` must be told to get there. */
export interface Remote { url(app: string, apiKey: string): string; config: string[] }

/** The git server behind the router of one machine. */
export const localRemote = (port: number): Remote => ({ url: (app, apiKey) => `http://x:${apiKey}@127.0.0.1:${port}/git/${app}.git`, config: [] });
