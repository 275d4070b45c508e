import { z } from 'zod';

/** Where the platform runs. */
export const clusterEnv = { SLIPWAY_CLUSTER: z.enum(['local', 'kubernetes'], 'must be local or kubernetes').default('local') };
