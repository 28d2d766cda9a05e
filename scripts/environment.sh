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
