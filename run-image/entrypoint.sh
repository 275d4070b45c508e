#!/bin/bash
# How every process of a slug starts: entrypoint.sh APP_DIR COMMAND. The app's directory is its home; what buildpacks left in
# .profile.d (and the app's own .profile) sets the environment; then the command takes this process's place, to get its signals.
__command="$2"
cd "$1" || exit 70
export HOME="$1"
for __file in .profile.d/*.sh; do
  [ -r "$__file" ] && . "./$__file"
done
[ -r .profile ] && . ./.profile
exec /bin/bash -c "$__command"
