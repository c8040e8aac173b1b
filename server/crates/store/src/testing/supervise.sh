# Ends a test run's private Postgres: at once when the run is over, and after ten seconds in which no test used it.
# Arguments: the cluster's folder, the process id of the test runner, then the command that stops the server.
folder=$1
runner=$2
shift 2
idle=0
while :; do
  if flock --exclusive --nonblock 9; then
    if ! kill -0 "$runner" || [ "$idle" -ge 20 ]; then
      # The lock stays held: a test that comes now waits, finds the folder gone and starts a new server.
      "$@"
      rm -rf "$folder"
      exit 0
    fi
    flock --unlock 9
    idle=$((idle + 1))
  else
    idle=0
  fi
  sleep 0.5
done 9<"$folder/users.lock"
