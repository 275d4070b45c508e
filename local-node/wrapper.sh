# Starts one program of an app: wrapper.sh OUT ERR EVENTS EXIT PROCESSES MODE PROGRAM [ARG …], as the app's own user, in a session of its own.
# OUT and ERR are FIFOs. We hold them open for reading too: while the node is away, output waits in them instead of ending the program.
# The first line on stdin is the node's word that limits are in place and that it will find us again; without it nothing starts.
# PROCESSES: how many the user may have; empty: no limit of ours. MODE env: more lines follow, which set the environment (values of any bytes). MODE input: the rest of stdin is the program's.
# Whatever the environment is: after it only descriptors, positional parameters and builtins are used.
exec 8<&0
IFS= read -r go <&8 || exit 125
[ "$go" = go ] || exit 125
exec 4<>"$1" 5<>"$2" 7>>"$3" 6<>"$4" 3>"$1" 9>"$2"
# Told to end before there is a program to tell it to.
trap 'printf "143\n" >&6; exit 143' TERM INT HUP
ulimit -c 0 2>/dev/null
# Shells disagree on its letter.
[ -z "$5" ] || ulimit -u "$5" 2>/dev/null || ulimit -p "$5" 2>/dev/null
if [ "$6" = env ]; then
  shift 6
  eval "$(cat <&8)"
  [ "$SLIPWAY_ENVIRONMENT" = complete ] || exit 125
  unset SLIPWAY_ENVIRONMENT
  exec 8</dev/null
else
  shift 6
fi
trap : TERM INT HUP QUIT ALRM USR1 USR2
"$@" <&8 >&3 2>&9 3>&7 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- &
exec 8<&- 7>&- 3>&- 9>&-
wait "$!"
code=$?
# A signal to all of the group ends the wait, not the program.
while kill -0 "$!" 2>/dev/null; do
  wait "$!"
  code=$?
done
# There is room for it, made before; a file system that writes nothing in place may yet have none for now.
until printf '%s\n' "$code" >&6; do /bin/sleep 1; done
exec 6>&-
# The last output waits in the FIFOs, and our group's number stays ours, until the node has seen to both and ends us.
exec /bin/sleep 86400
