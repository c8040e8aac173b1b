# shellcheck shell=bash
# One compiler for server and wasm. In this order: the one in use with the wasm target that rustup brings;
# Debian's (packages *-web) with a standard library for wasm that is built here once.

MIN_RUST=1.96 # what cargo-leptos needs; the crates themselves are content with less
WASM=wasm32-unknown-unknown

# rust_version [RUSTC]: like 1.96.0, or nothing.
rust_version() { { "${1:-rustc}" --version 2>/dev/null || true; } | sed -n 's/^rustc \([0-9.]*\).*/\1/p'; }

rust_is_new() {
  local version
  version=$(rust_version)
  [ -n "$version" ] && at_least "$MIN_RUST" "$version"
}

# How the standard library is compiled where that is done here: for size, as the console is. With bitcode, which link-time optimisation
# wants of every crate; without the places of its own panics (those of our code are kept).
WASM_STD=(-Zbuild-std=std,panic_abort -Zbuild-std-features=optimize_for_size)
WASM_STD_FLAGS="-Copt-level=z -Ccodegen-units=1 -Cembed-bitcode=yes -Zlocation-detail=none"

wasm_lib() { printf '%s/lib/rustlib/%s/lib' "$(rustc --print sysroot)" "$WASM"; }

wasm_std_key() { printf '%s %s %s' "$(rust_version)" "${WASM_STD[*]}" "$WASM_STD_FLAGS"; }

has_wasm() {
  compgen -G "$(wasm_lib)/libstd-*.rlib" >/dev/null || return 1
  # In Debian's place lies a package's, or what was built here, maybe differently.
  [ "$(rustc --print sysroot)" != /usr ] || stamped "$(wasm_lib)/taskyard-stamp" "$(wasm_std_key)" || dpkg -S "$(wasm_lib)"/libstd-*.rlib >/dev/null 2>&1
}

# use_debian: Debian's compiler from here on, for rustup's proxies and for plain commands alike.
use_debian() {
  [ -x /usr/bin/cargo ] && at_least "$MIN_RUST" "$(rust_version /usr/bin/rustc)" || return 1
  if have rustup; then
    case $(rustc +web --print sysroot 2>/dev/null) in
      /usr) ;;
      "") rustup toolchain link web /usr >/dev/null 2>&1 || return 1 ;;
      *) return 1 ;; # somebody's own toolchain of that name
    esac
    export RUSTUP_TOOLCHAIN=web
  elif [ "$(command -v rustc)" != /usr/bin/rustc ]; then
    export PATH=/usr/bin:$PATH
  fi
  [ "$(rustc --print sysroot)" = /usr ]
}

forget_debian() {
  if [ "${RUSTUP_TOOLCHAIN:-}" = web ]; then unset RUSTUP_TOOLCHAIN; fi
  PATH=$ORIGINAL_PATH
}

# choose_rust: a compiler that is ready now, then one that can be made ready; sets the environment to it.
choose_rust() {
  ORIGINAL_PATH=$PATH
  rust_is_new && has_wasm && return
  use_debian && rust_is_new && has_wasm && return
  forget_debian
  rust_is_new && add_rustup_target && return
  install_debian_rust && return
  die "no Rust $MIN_RUST or newer that can compile to wasm (found: $(rust_version || true))" \
    "install rustup, then: rustup update stable && rustup target add $WASM"
}

# A machine that cannot reach rustup's servers must not wait long for the answer.
add_rustup_target() {
  have rustup || return 1
  doing "rustup target add $WASM"
  RUSTUP_MAX_RETRIES=0 timeout 120 rustup target add "$WASM" >/dev/null 2>&1 && has_wasm
}

install_debian_rust() {
  apt_offers rustc-web && apt_offers rust-web-src || return 1
  as_root true || return 1
  doing "installing Debian's compiler"
  apt_install rustc-web cargo-web rust-web-src rust-web-clippy
  use_debian && rust_is_new || return 1
  has_wasm || build_wasm_std
}

# build_wasm_std: Debian's package has the library's source, not its wasm build (a minute on two cores).
build_wasm_std() {
  local work lib
  doing "building the standard library for wasm"
  work=$(mktemp -d)
  mkdir "$work/src"
  : >"$work/src/lib.rs"
  printf '[package]\nname = "throwaway"\nversion = "0.0.0"\nedition = "2021"\n[workspace]\n' >"$work/Cargo.toml"
  (cd "$work" && RUSTC_BOOTSTRAP=1 RUSTFLAGS=$WASM_STD_FLAGS CARGO_TARGET_DIR=$work/target PATH=/usr/bin:$PATH \
    logged wasm-std /usr/bin/cargo build "${WASM_STD[@]}" --target "$WASM" --release) || return 1
  lib=$(wasm_lib)
  find "$work/target/$WASM/release/deps" -name 'libthrowaway-*' -delete
  wasm_std_key >"$work/taskyard-stamp"
  as_root mkdir -p "$lib" && as_root find "$lib" -maxdepth 1 -type f -delete &&
    as_root cp "$work/target/$WASM/release/deps/"lib*.rlib "$work/taskyard-stamp" "$lib/"
  # What was compiled with another one can't be linked with it, and cargo does not know.
  rm -rf "$work" "${TARGET:?}/$WASM" "$TARGET/front"
  has_wasm
}

# links_wasm [LINKER]: builds a trivial crate, because whether a linker comes along can only be seen by linking.
links_wasm() {
  local work ok=0
  work=$(mktemp -d)
  mkdir "$work/src"
  echo '#[unsafe(no_mangle)] pub extern "C" fn one() -> usize { String::from("x").len() }' >"$work/src/lib.rs"
  printf '[package]\nname = "probe"\nversion = "0.0.0"\nedition = "2024"\n[lib]\ncrate-type = ["cdylib"]\n[workspace]\n' \
    >"$work/Cargo.toml"
  (
    cd "$work"
    unset CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER
    [ -z "${1-}" ] || export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=$1
    CARGO_TARGET_DIR=$work/target cargo build --quiet --target "$WASM"
  ) >"$work/log" 2>&1 || ok=1
  mkdir -p "$STATE/log"
  cp "$work/log" "$STATE/log/wasm-link.log"
  rm -rf "$work"
  return "$ok"
}

# linkers: candidates with their real paths, nearest first: none at all, rustup's, LLVM's from Debian.
linkers() {
  echo
  local path
  for path in "$(rustc --print sysroot)"/lib/rustlib/*/bin/rust-lld \
    "${RUSTUP_HOME:-$HOME/.rustup}"/toolchains/*/lib/rustlib/*/bin/rust-lld; do
    [ ! -x "$path" ] || realpath "$path"
  done
  printf '%s\n' /usr/lib/llvm-*/bin/wasm-ld | sort -rV | while read -r path; do [ ! -x "$path" ] || echo "$path"; done
}

install_lld() {
  local name
  apt_offers lld || return 1
  name=$(apt-cache search --names-only '^lld-[0-9]+$' | cut -d' ' -f1 | sort -rV | head -n1)
  doing "installing ${name:-lld}"
  apt_install "${name:-lld}"
}

find_linker() {
  local linker
  while read -r linker; do
    if links_wasm "$linker"; then
      WASM_LINKER=$linker
      return
    fi
  done < <(linkers)
  return 1
}

step_rust() {
  choose_rust
  doing "$(rust_version)${RUSTUP_TOOLCHAIN:+ ($RUSTUP_TOOLCHAIN)}"
  [ -z "${RUSTUP_TOOLCHAIN:-}" ] || env_set RUSTUP_TOOLCHAIN "$RUSTUP_TOOLCHAIN"
  if [ "$(rustc --print sysroot)" = /usr ] && ! have rustup; then env_path /usr/bin; fi
  have_clippy
}

step_wasm() {
  local stamp=$TOOLS/wasm-linker key
  key=$(rustc -vV | sha256sum | cut -c1-16)
  WASM_LINKER=""
  if [ "$(sed -n 1p "$stamp" 2>/dev/null)" = "$key" ]; then
    WASM_LINKER=$(sed -n 2p "$stamp")
  fi
  if [ "$(sed -n 1p "$stamp" 2>/dev/null)" != "$key" ] || { [ -n "$WASM_LINKER" ] && [ ! -x "$WASM_LINKER" ]; }; then
    doing "linking a trial crate"
    find_linker || { install_lld && find_linker; } ||
      { cat "$STATE/log/wasm-link.log" >&2; die "no linker makes wasm on this machine" "install lld, then make setup again"; }
    mkdir -p "$TOOLS"
    printf '%s\n%s\n' "$key" "$WASM_LINKER" >"$stamp"
  fi
  [ -z "$WASM_LINKER" ] || env_set CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER "$WASM_LINKER"
}

have_clippy() {
  cargo clippy --version >/dev/null 2>&1 && return
  if [ "$(rustc --print sysroot)" = /usr ]; then
    doing "installing clippy"
    apt_install rust-web-clippy
  elif have rustup; then
    doing "rustup component add clippy"
    logged clippy rustup component add clippy || true
  fi
  cargo clippy --version >/dev/null 2>&1 || die "no clippy for $(rustc --version)" "rustup component add clippy"
}

# step_rustfmt: the formatter need not be the compiler's; rustup's stable one where there is one.
step_rustfmt() {
  local command="" option
  for option in "cargo +stable fmt" "cargo fmt"; do
    # Without the guard rustup might fetch a whole toolchain for the asking.
    if RUSTUP_AUTO_INSTALL=0 $option --version >/dev/null 2>&1; then command=$option; break; fi
  done
  if [ -z "$command" ] && [ "$(rustc --print sysroot)" = /usr ] && apt_offers rustfmt-web; then
    doing "installing rustfmt-web"
    apt_install rustfmt-web
    command="cargo fmt"
  elif [ -z "$command" ] && have rustup; then
    logged rustfmt rustup component add rustfmt && command="cargo fmt"
  fi
  [ -n "$command" ] || doing "none to be had: step fmt will say so"
  env_set TASKYARD_FMT "$command"
}
