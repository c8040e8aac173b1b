# shellcheck shell=bash
# The system's packages. Each is asked for by what it gives (a command, a font), so that another source of it counts too.

MIN_NODE=20

PG_BIN=""
find_postgres() {
  local dir
  for dir in $(have pg_config && pg_config --bindir) $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -rV); do
    if [ -x "$dir/initdb" ] && [ -x "$dir/pg_ctl" ]; then
      PG_BIN=$dir
      return
    fi
  done
  return 1
}

# find_chromium: prints the browser to drive. On Ubuntu `chromium-browser` may be a stub that only names a snap.
find_chromium() {
  local name browser
  if [ -n "${TASKYARD_CHROMIUM:-}" ] && [ -x "$TASKYARD_CHROMIUM" ]; then
    echo "$TASKYARD_CHROMIUM"
    return
  fi
  for name in chromium google-chrome google-chrome-stable chromium-browser; do
    have "$name" || continue
    "$name" --version >/dev/null 2>&1 || continue
    command -v "$name"
    return
  done
  for browser in "$TOOLS"/browsers/chromium-*/chrome-linux*/chrome; do
    [ -x "$browser" ] || continue
    echo "$browser"
    return
  done
  return 1
}

node_major() { node --version 2>/dev/null | sed -n 's/^v\([0-9]*\).*/\1/p'; }

node_is_new() { have npm && [ "$(node_major || true)" -ge "$MIN_NODE" ] 2>/dev/null; }

python_is_whole() { python3 -c 'import ensurepip, venv' >/dev/null 2>&1; }

has_chinese_font() { have fc-list && [ -n "$(fc-list :lang=zh family 2>/dev/null | head -n1)" ]; }

# missing_packages: one name a line.
missing_packages() {
  have cc || echo gcc
  [ -e /usr/include/stdio.h ] || echo libc6-dev
  have make || echo make
  have pkg-config || echo pkg-config
  have git || echo git
  python_is_whole || printf '%s\n' python3 python3-venv
  have node || echo nodejs
  have npm || echo npm
  find_postgres || echo postgresql
  have brotli || echo brotli
  have bwrap || echo bubblewrap
  have pgrep || echo procps
  # Only root runs images; the cases of containers are left out without an engine.
  if [ "$(id -u)" = 0 ] && ! have podman && apt_offers podman; then echo podman; fi
  { have setpriv && { [ "$(id -u)" != 0 ] || have runuser; }; } || echo util-linux
  [ -e /etc/ssl/certs/ca-certificates.crt ] || echo ca-certificates
  has_chinese_font || printf '%s\n' fontconfig fonts-wqy-zenhei
  # Where Debian's browser is not to be had, step `browser` asks Playwright.
  if ! find_chromium >/dev/null && apt_offers chromium; then echo chromium; fi
}

apt_offers() {
  have apt-cache || return 1
  # A machine whose lists were never fetched offers nothing yet: fetch them and look again.
  apt-cache show "$1" >/dev/null 2>&1 && return
  refresh_apt
  apt-cache show "$1" >/dev/null 2>&1
}

APT_FRESH=""
refresh_apt() {
  [ -z "$APT_FRESH" ] || return 0
  APT_FRESH=yes
  logged apt-update as_root apt-get update -qq >/dev/null || true
}

# apt_install PACKAGE…
apt_install() {
  have apt-get || die "missing: $*" "install these with your system's package manager, then run make setup again"
  as_root true || die "missing: $* (and this user can neither be root nor use sudo)" \
    "as root: apt-get install $*"
  refresh_apt
  logged "apt-$1" as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y --no-install-recommends "$@" ||
    die "apt-get could not install: $*" "look at the lines above; then make setup again"
}

step_packages() {
  local missing
  mapfile -t missing < <(missing_packages)
  if [ ${#missing[@]} -gt 0 ]; then
    doing "installing ${missing[*]}"
    apt_install "${missing[@]}"
  fi
  find_postgres || die "no initdb and pg_ctl found" "install PostgreSQL's server (15 or newer)"
}

# step_node: npm's own registry carries the Node.js binary, for systems whose package is too old for our tools.
step_node() {
  local arch
  if [ -x "$TOOLS/node/bin/node" ]; then env_path "$TOOLS/node/bin"; fi
  if node_is_new; then
    doing "$(node --version)"
  else
    case $(uname -m) in
      x86_64) arch=x64 ;;
      aarch64) arch=arm64 ;;
      *) die "Node.js $MIN_NODE or newer is needed, found $(node --version || echo none)" "install it, then make setup again" ;;
    esac
    doing "installing Node.js 22 beside the system's $(node --version || echo none)"
    mkdir -p "$TOOLS/node"
    logged node npm install --no-save --prefix "$TOOLS/node" "node-linux-$arch@22" ||
      die "Node.js $MIN_NODE or newer is needed" "install it, then make setup again"
    ln -sfn "node_modules/node-linux-$arch/bin" "$TOOLS/node/bin"
    env_path "$TOOLS/node/bin"
    node_is_new || die "the Node.js that npm brought does not run" "install Node.js $MIN_NODE or newer"
  fi
}

step_browser() {
  local browser
  if ! browser=$(find_chromium); then
    doing "installing Playwright's Chromium"
    (cd "$ROOT/end2end" && PLAYWRIGHT_BROWSERS_PATH=$TOOLS/browsers PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD='' \
      logged browser npx playwright install chromium) || true
    browser=$(find_chromium) ||
      die "no Chromium: neither a system package nor Playwright's download" \
        "install Chromium or Chrome, or set TASKYARD_CHROMIUM to its path"
  fi
  env_set TASKYARD_CHROMIUM "$browser"
}
