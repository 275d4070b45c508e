/**
 * What $STACK says to buildpacks, so that those which fetch prebuilt programs fetch ones that run here: this one's need glibc 2.35,
 * which Debian 12, Ubuntu 22.04 and everything newer have.
 */
export const STACK = 'heroku-22';
