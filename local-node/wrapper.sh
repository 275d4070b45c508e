# Starts one program of an app and outlives nobody but it: wrapper.sh OUT ERR EVENTS EXIT MODE PROGRAM [ARG …], as the app's own user.
# OUT and ERR are FIFOs. We hold them open for reading too: while the node restarts, output waits in them instead of ending the program.
# The first line on stdin is the node's word that limits are in place; without it nothing starts. MODE env: more lines follow, which set
# the environment (config values of any bytes). MODE input: the rest of stdin is the program's.
exec 6<&0
IFS= read -r go <&6 || exit 125
[ "$go" = go ] || exit 125
out=$1 err=$2 events=$3 exit_file=$4 mode=$5
shift 5
if [ "$mode" = env ]; then
  eval "$(cat <&6)"
  [ "$SLIPWAY_ENVIRONMENT" = complete ] || exit 125
  unset SLIPWAY_ENVIRONMENT
  exec 6</dev/null
fi
ulimit -c 0 2>/dev/null
exec 4<>"$out" 5<>"$err"
"$@" <&6 >"$out" 2>"$err" 3>>"$events" 4>&- 5>&- 6<&- &
child=$!
exec 6<&-
trap : TERM INT HUP
wait "$child"
code=$?
while kill -0 "$child" 2>/dev/null; do
  wait "$child"
  code=$?
done
printf '%s\n' "$code" >"$exit_file.new" && mv "$exit_file.new" "$exit_file"
exit 0
