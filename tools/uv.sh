#!/usr/bin/env bash
# Prints the path of a working uv on standard output; installs one into .tools/ of this checkout if there is none.
# Needs no root: only Python 3 and the package index that pip is configured for.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
private="$here/.tools"

works() { [ -n "$1" ] && "$1" --version >/dev/null 2>&1; }

for found in "$(command -v uv || true)" "$private/bin/uv" "$private/target/bin/uv" "${HOME:-/nonexistent}/.local/bin/uv"; do
    if works "$found"; then echo "$found"; exit 0; fi
done

python="$(command -v python3 || command -v python || true)"
if [ -z "$python" ]; then
    echo "Observant needs Python 3.11 or newer, or uv. Install either with your system's package manager." >&2
    exit 2
fi

echo "uv is not installed: putting a private copy into .tools/" >&2
mkdir -p "$private"
log="$private/install.log"

# Debian ships venv in a package of its own, so three ways, each needing less than the one before.
if "$python" -m venv "$private" >"$log" 2>&1 && "$private/bin/python" -m pip install -q uv >>"$log" 2>&1; then
    if works "$private/bin/uv"; then echo "$private/bin/uv"; exit 0; fi
fi
if "$python" -m pip install -q --target "$private/target" uv >>"$log" 2>&1; then
    if works "$private/target/bin/uv"; then echo "$private/target/bin/uv"; exit 0; fi
fi
if "$python" -m pip install -q --user uv >>"$log" 2>&1; then
    if works "${HOME:-}/.local/bin/uv"; then echo "$HOME/.local/bin/uv"; exit 0; fi
fi

{
    echo "uv could not be installed. What pip said is in .tools/install.log; its last lines:"
    tail -n 5 "$log" | sed 's/^/  /'
    echo "remedy: install uv by hand, or Python's pip and venv (Debian and Ubuntu: apt-get install python3-venv)"
} >&2
exit 2
