#!/usr/bin/env bash
# Tests of the command line: what is written where, and the exit code. No translation is written down here, so a new
# model changes nothing: ways of asking are compared with one another, and text without a letter, which is copied.
# usage: [DRAGOMAN=program] tests/cli/run_cli.sh [PART...]      parts: options streams files models tokens attend terminal maps
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
dragoman=${DRAGOMAN:-$root/dragoman}
dragoman=$(cd "$(dirname "$dragoman")" && pwd)/$(basename "$dragoman")
python=${PYTHON:-/usr/bin/python3}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
: >"$work/out"
: >"$work/err"

# Nothing of the caller's may matter.
unset DRAGOMAN DRAGOMAN_MODEL DRAGOMAN_PATH XDG_DATA_HOME XDG_STATE_HOME
export HOME=$work/home DRAGOMAN_TEST_PROGRAM=$dragoman LC_ALL=C.UTF-8
mkdir "$HOME"
if [ ! -x "$dragoman" ]; then
    echo "not ok cli: no program $dragoman"
    echo "tally 0 1 0"
    exit 1
fi
model=$("$dragoman" inspect 2>/dev/null | sed -n 's/^file  *//p' | head -n 1)
if [ -z "$model" ] && [ -f "$root/models/en-de.safetensors" ]; then # a program that lies elsewhere, as in build/sanitized
    model=$root/models/en-de.safetensors
    mkdir -p "$HOME/.local/share/dragoman"
    ln -s "$model" "$HOME/.local/share/dragoman/"
fi

. "$here/check.sh"
for part in "${@:-options streams files models tokens attend terminal maps}"; do
    for name in $part; do
        start=$SECONDS
        if [ -f "$here/$name.py" ]; then
            "$python" "$here/$name.py" "$dragoman" "$work" "$root" >"$work/$name.log" 2>&1
            grep -av '^tally ' "$work/$name.log"
            read -r _ p f s < <(grep -a '^tally ' "$work/$name.log" || echo tally 0 1 0)
            passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
        else
            . "$here/$name.sh"
        fi
        [ $((SECONDS - start)) -lt 20 ] || echo "slow: $name took $((SECONDS - start)) s"
    done
done
echo "tally $passed $failed $skipped"
[ "$failed" -eq 0 ]
