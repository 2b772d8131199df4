#!/usr/bin/env bash
# What the Makefile needs on a machine that has none of it.
#
#   tools/setup.sh venv EXTRA     .venv with the package and the libraries of one extra of pyproject.toml
#   tools/setup.sh dot [must]     graphviz's program `dot`; without `must`, a line says how to get it
#   tools/setup.sh chromium       a browser for the tests
set -euo pipefail
cd "$(dirname "$0")/.."

say()  { printf '%s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

# Runs a command as root: as we are, by sudo without a password, or (when $may_ask) by sudo with one.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif ! command -v sudo >/dev/null; then return 1
  elif sudo -n true 2>/dev/null || { [ -n "${may_ask:-}" ] && [ -t 0 ]; }; then sudo "$@"
  else return 1
  fi
}

apt_install() {
  command -v apt-get >/dev/null && as_root true || return 1
  say "Installing $* with apt-get …"
  local quietly=(env DEBIAN_FRONTEND=noninteractive apt-get -qq)
  as_root "${quietly[@]}" install -y --no-install-recommends "$@" >/dev/null 2>&1 && return
  # A fresh machine has no list of packages yet.
  as_root "${quietly[@]}" update >&2 &&
    as_root "${quietly[@]}" install -y --no-install-recommends "$@" >/dev/null
}

is_new_enough() { "$1" -c 'import sys; raise SystemExit(sys.version_info < (3, 11))' 2>/dev/null; }

# A name on PATH proves nothing (a version manager's shim may lead nowhere): each is run.
find_python() {
  local candidate
  for candidate in ${PYTHON:-} python3 python3.13 python3.12 python3.11 python3.14; do
    if is_new_enough "$candidate"; then echo "$candidate"; return; fi
  done
  fail 'Python 3.11 or newer is needed, and was not found. On Debian or Ubuntu:
  sudo apt-get install python3.11 python3.11-venv
Or name it yourself: make lab PYTHON=/path/to/python3'
}

make_venv() {
  local python version
  python=$(find_python)
  version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
  # Debian and Ubuntu keep a part of venv in a package of its own.
  if ! "$python" -c 'import ensurepip' 2>/dev/null; then
    may_ask=1 apt_install "python$version-venv" || fail "Python $version cannot make virtual environments here. On Debian or Ubuntu:
  sudo apt-get install python$version-venv"
  fi
  say "Making .venv with Python $version …"
  "$python" -m venv .venv || fail "'$python -m venv .venv' failed: see above. Remove .venv before you try again."
}

venv() {
  local extra=$1
  if [ ! -e .venv/bin/python ] && [ ! -L .venv/bin/python ]; then make_venv; fi
  is_new_enough .venv/bin/python || fail '.venv is there, but its Python does not run or is older than 3.11. Remove it and try again: rm -rf .venv'
  .venv/bin/python -m pip --version >/dev/null 2>&1 || .venv/bin/python -m ensurepip >/dev/null
  say "Installing pipeline-sim[$extra] into .venv (the first time takes a minute or two) …"
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --editable ".[$extra]"
}

dot() {
  if type -P dot >/dev/null; then return; fi  # -P: this function does not count
  if [ -n "${1:-}" ]; then local may_ask=1; fi
  apt_install graphviz || true
  if type -P dot >/dev/null; then return; fi
  say "graphviz's program 'dot' is not here (Debian, Ubuntu: sudo apt-get install graphviz; macOS: brew install graphviz)."
  if [ -n "${1:-}" ]; then fail 'The tests need it.'; fi
  fail 'Pictures are drawn without it, by a simpler layout.'
}

chromium() {
  local find=(.venv/bin/python -m tests.browser.chromium) may_ask=1
  if "${find[@]}" >/dev/null 2>&1; then return; fi
  # Ubuntu's package of this name leads to a snap, which a container cannot run: then Playwright's own build.
  if ! grep -qs '^ID=ubuntu' /etc/os-release; then apt_install chromium || true; fi
  if "${find[@]}" >/dev/null 2>&1; then return; fi
  say "Installing Playwright's Chromium …"
  as_root .venv/bin/python -m playwright install-deps chromium >/dev/null 2>&1 || true
  .venv/bin/python -m playwright install chromium >&2 || true
  "${find[@]}" >/dev/null || fail 'The browser tests need Chromium, and it could not be installed. Install Chromium or Chrome, or name one:
  PIPELINE_SIM_CHROMIUM=/path/to/chrome make test'
}

case "${1:-}" in
  venv) venv "${2:?which extra?}" ;;
  dot) dot "${2:-}" ;;
  chromium) chromium ;;
  *) sed -n '2,6p' "$0" >&2; exit 2 ;;
esac
