#!/bin/sh
# Prints the interpreter to create environments with: $PYTHON if set, else the first one on the PATH
# that is new enough and complete. Versions the tests run on are preferred to newer ones.

complain() {
    echo "$*" >&2
    exit 1
}

# 0: good; 3: too old; 4: lacks a part that some distributions package separately; other: does not run.
probe() {
    "$1" -c '
import sys
if sys.version_info < (3, 11):
    sys.exit(3)
try:
    import ensurepip, sqlite3, ssl, venv
except ImportError:
    sys.exit(4)
' 2>/dev/null
}

if [ -n "$PYTHON" ]; then
    probe "$PYTHON"
    case $? in
        0) echo "$PYTHON" && exit 0 ;;
        3) complain "PYTHON=$PYTHON is older than Python 3.11: set it to a newer one." ;;
        4) complain "PYTHON=$PYTHON lacks venv, ensurepip, sqlite3 or ssl (on Debian and Ubuntu:" \
            "apt install python3-venv)." ;;
        *) complain "PYTHON=$PYTHON does not run." ;;
    esac
fi

incomplete=""
for candidate in python3.13 python3.12 python3.11 python3 python; do
    command -v "$candidate" >/dev/null || continue
    probe "$candidate"
    case $? in
        0) echo "$candidate" && exit 0 ;;
        4) incomplete="$incomplete $candidate" ;;
    esac
done

[ -z "$incomplete" ] || complain "Found$incomplete, without venv, ensurepip, sqlite3 or ssl:" \
    "install the missing parts (on Debian and Ubuntu: apt install python3-venv)."
complain "Python 3.11 or newer is needed and was not found on the PATH:" \
    "install it, or pass its path: make PYTHON=/path/to/python3."
