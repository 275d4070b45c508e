/**
 * What $STACK says to buildpacks, so that those which fetch prebuilt programs fetch ones that run here: this one's need glibc 2.35,
 * which Debian 12, Ubuntu 22.04 and everything newer have.
 */
export const STACK = 'heroku-22';

/** What $STACK is for an app that its own Dockerfile builds: nothing of ours is in its image. */
export const CONTAINER_STACK = 'container';

/** The user (and group) of an app's processes in an image: run-image/Dockerfile names the same. */
export const RUN_USER = 1000;
