import { isObjectType } from 'graphql';
import { builder } from './builder.ts';
import './account-error.ts';
import './account-event.ts';
import './api-key.ts';
import './app.ts';
import './build.ts';
import './change-email.ts';
import './config-history.ts';
import './config.ts';
import './copy-config.ts';
import './delete-account.ts';
import './deploy-key.ts';
import './event-list.ts';
import './event.ts';
import './follow.ts';
import './invitation.ts';
import './key-rotation.ts';
import './log.ts';
import './node.ts';
import './password.ts';
import './permission.ts';
import './process.ts';
import './release.ts';
import './replica-change.ts';
import './replica.ts';
import './roll-back.ts';
import './rotate-api-key.ts';
import './session.ts';
import './sign-up.ts';
import './slug.ts';
import './ssh-key.ts';
import './transfer.ts';
import './two-factor.ts';
import './user-error.ts';
import './user.ts';

/** The whole API. Made without a database: clients are asked for one with each request. */
export const schema = builder.toSchema();

// The plugin that makes this field has no option for its description.
for (const type of Object.values(schema.getTypeMap())) {
  const totalCount = isObjectType(type) ? type.getFields().totalCount : undefined;
  if (totalCount) totalCount.description ??= 'How many there are in all, on all pages.';
}
