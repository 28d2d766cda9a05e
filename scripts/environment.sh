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
