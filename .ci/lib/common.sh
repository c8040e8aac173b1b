# shellcheck shell=bash
# What every script here shares: where things are, how to speak, and the environment that set-up wrote.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
TOOLS=${TASKYARD_TOOLS:-$HOME/.cache/taskyard/tools}
STATE=$ROOT/.tools # git-ignored: what set-up found out about this machine
TARGET=${CARGO_TARGET_DIR:-$ROOT/target}
case $TARGET in /*) ;; *) TARGET=$ROOT/$TARGET ;; esac

have() { command -v "$1" >/dev/null 2>&1; }

note() { printf '%s\n' "$*" >&2; }

# die WHAT [WHAT-TO-DO]: ends the script with both.
die() {
  printf '\nerror: %s\n' "$1" >&2
  [ $# -lt 2 ] || printf '  do: %s\n' "$2" >&2
  exit 1
}

# retry COMMAND…: once more after a failure, for what a network may break.
retry() {
  "$@" && return
  note "    failed, once more: $1 ${2-}"
  sleep 2
  "$@"
}

# logged NAME COMMAND…: quiet on success, the log's end on failure.
logged() {
  local log=$STATE/log/$1.log
  mkdir -p "$STATE/log"
  shift
  if ! retry "$@" >"$log" 2>&1; then
    tail -n 25 "$log" >&2
    note "    (all of it: $log)"
    return 1
  fi
}

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif have sudo; then
    sudo "$@"
  else
    return 1
  fi
}

# digest FILE…: one hash over the contents of all of them.
digest() { cat -- "$@" | sha256sum | cut -d' ' -f1; }

# stamped FILE VALUE: does the stamp hold the value?
stamped() { [ -f "$1" ] && [ "$(<"$1")" = "$2" ]; }

# at_least WANTED HAD: version order.
at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n1)" = "$1" ]; }

# load_env: the variables that set-up wrote; a script that builds anything starts with it.
load_env() {
  [ -f "$STATE/env" ] || die "set-up has not run yet" "make setup"
  
  . "$STATE/env"
}

in_ci() { [ "${CI:-}" = true ] || [ "${CI:-}" = 1 ]; }

# cargo commands take these: only in CI must the lock file be complete already.
LOCKED=()
# shellcheck disable=SC2034 # the scripts that source this use it
if in_ci; then LOCKED=(--locked); fi

# free_port: a loopback port that was free a moment ago.
free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}
