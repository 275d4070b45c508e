# Runs a program above a slug that it may change and others do not see changed: layers.sh DIR SLUG OWN APP UID PROGRAM [ARG …], as root, in a mount namespace of its own.
# DIR is where SLUG (files) and OWN (directories `files` and `work`) are found; their names go into the mount's options, and have neither comma nor colon. The mount ends with the last process in the namespace.
cd "$1" && mount -t overlay overlay -o "nosuid,nodev,redirect_dir=on,lowerdir=$2,upperdir=$3/files,workdir=$3/work" "$4" && cd "$4" || exit 125
uid=$5
shift 5
exec setpriv --reuid "$uid" --regid "$uid" --clear-groups "$@"
