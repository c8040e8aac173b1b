# shellcheck shell=bash
# Running something against the release binary, once for each store.

# with_store STORE COMMAND…: TASKYARD_BIN is the server to start, TASKYARD_STORE is `sqlite` or `postgres`, and for
# postgres TASKYARD_TEST_POSTGRES is the URL of an empty database in a private cluster that ends with the command.
with_store() {
  export TASKYARD_STORE=$1 TASKYARD_BIN=${TASKYARD_BIN:-$ROOT/target/release/taskyard}
  shift
  [ -x "$TASKYARD_BIN" ] || die "no $TASKYARD_BIN" "make build"
  note "--- on $TASKYARD_STORE"
  case $TASKYARD_STORE in
    sqlite) "$@" ;;
    postgres) (with_postgres "$@") ;;
    *) die "unknown store $TASKYARD_STORE" "sqlite or postgres" ;;
  esac
}

with_postgres() {
  STORE_DIR=$(mktemp -d)
  chmod 755 "$STORE_DIR" # PostgreSQL's user must get through
  trap '"$ROOT/.ci/postgres" stop "$STORE_DIR"' EXIT
  TASKYARD_TEST_POSTGRES=$("$ROOT/.ci/postgres" start "$STORE_DIR" 0)
  export TASKYARD_TEST_POSTGRES TASKYARD_PG_DIR=$STORE_DIR
  # Servers on one database open the same secrets.
  export TASKYARD_SECRET_KEY_FILE=$STORE_DIR/secret.key
  "$@"
}
