import { z } from 'zod';
import { buildStep, slugDescription } from '../../bus/build.ts';

/** What `prepare` leaves for `publish`: all of the verdict that is known before the image is. */
export const imagePlan = z.object({
  /** Null: the app's own Dockerfile makes the image, and the image is the slug. */
  slug: slugDescription.nullable(),
  processTypes: slugDescription.shape.processTypes,
  cacheDigest: z.hex().nullable(),
  /** The step that `prepare` began and `publish` ends. */
  step: buildStep,
  slugPutUrl: z.url(),
});
export type ImagePlan = z.infer<typeof imagePlan>;
