# shellcheck shell=bash
# Programs built from crates.io into $TOOLS, and what npm and pip bring.

CARGO_LEPTOS=0.3.11
NEXTEST=0.9.143

wasm_bindgen_version() {
  sed -n '/^name = "wasm-bindgen"$/{n;s/^version = "\(.*\)"$/\1/p}' "$ROOT/Cargo.lock"
}

# cargo_install CRATE VERSION [OPTION…]: built for a short build, not for speed: optimising these costs more than it
# saves. Locked first; where a locked dependency is not served, the newest that fit.
cargo_install() {
  local crate=$1 version=$2 target
  shift 2
  doing "compiling $crate $version (minutes)"
  target=$(mktemp -d)
  (
    export CARGO_TARGET_DIR=$target CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
      CARGO_PROFILE_RELEASE_OPT_LEVEL=0 CARGO_PROFILE_RELEASE_DEBUG=0 CARGO_PROFILE_RELEASE_STRIP=symbols
    cd "$TOOLS" # away from the workspace's .cargo/config.toml
    logged "$crate" cargo install "$crate" --version "$version" --root "$TOOLS" --force --locked "$@" ||
      { note "    not with its lock file; without"; logged "$crate-unlocked" cargo install "$crate" --version "$version" --root "$TOOLS" --force "$@"; }
  ) || { rm -rf "$target"; die "could not install $crate $version" "read the lines above; then make setup again"; }
  rm -rf "$target"
}

step_nextest() {
  cargo nextest --version >/dev/null 2>&1 || cargo_install cargo-nextest "$NEXTEST" --no-default-features --features default-no-update
}

step_cargo_leptos() {
  [ "$(cargo-leptos --version 2>/dev/null | sed 's/.* //')" = "$CARGO_LEPTOS" ] ||
    cargo_install cargo-leptos "$CARGO_LEPTOS" --features no_downloads
}

step_wasm_bindgen() {
  local wanted
  wanted=$(wasm_bindgen_version)
  [ -n "$wanted" ] || die "Cargo.lock names no wasm-bindgen"
  [ "$(wasm-bindgen --version 2>/dev/null | sed 's/.* //')" = "$wanted" ] || cargo_install wasm-bindgen-cli "$wanted"
}

# npm_ci FOLDER: only when the lock file changed since the last time.
npm_ci() {
  local dir=$ROOT/$1 stamp wanted
  stamp=$dir/node_modules/.taskyard-stamp
  wanted=$(digest "$dir/package.json" "$dir/package-lock.json")
  stamped "$stamp" "$wanted" && return
  doing "npm ci"
  (cd "$dir" && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 logged "npm-$1" npm ci) ||
    die "npm ci failed in $1/" "is npm's registry reachable? then make setup again"
  echo "$wanted" >"$stamp"
}

step_npm_style() { npm_ci style; }
step_npm_end2end() { npm_ci end2end; }

step_python_sdk() {
  local venv=$STATE/venv stamp wanted
  stamp=$venv/.taskyard-stamp
  wanted="$(digest "$ROOT/end2end/sdk/requirements.txt") $(python3 --version)"
  if ! stamped "$stamp" "$wanted"; then
    doing "pip install"
    rm -rf "$venv"
    python3 -m venv "$venv" || die "python3 -m venv failed" "install python3-venv, then make setup again"
    logged pip "$venv/bin/pip" install --disable-pip-version-check -r "$ROOT/end2end/sdk/requirements.txt" ||
      die "pip could not install the SDK" "is PyPI reachable? then make setup again"
    echo "$wanted" >"$stamp"
  fi
  # Not on PATH: Python functions must run on the machine's own interpreter.
  env_set TASKYARD_SDK_PYTHON "$venv/bin/python"
}
