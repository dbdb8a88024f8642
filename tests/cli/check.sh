# Helpers for the command line's tests, sourced by run_cli.sh. Needs $dragoman (the program), $model (a model file) and
# $work (an empty directory).
passed=0 failed=0 skipped=0

pass() {
    passed=$((passed + 1))
}

# fail NAME: with what the program did
fail() {
    failed=$((failed + 1))
    printf 'not ok %s\n' "$1"
    printf '   status %s\n' "${status-}"
    { head -c 300 "$work/out"; echo; } | cat -v | sed 's/^/   stdout: /'
    { head -c 600 "$work/err"; echo; } | cat -v | sed 's/^/   stderr: /'
}

skip() {
    skipped=$((skipped + 1))
    printf 'skipped %s\n' "$1"
}

# run COMMAND...: sets $status; what it writes is in $work/out and $work/err
run() {
    "$@" >"$work/out" 2>"$work/err"
    status=$?
}

# expect NAME STATUS OUT [ERR]: of the last run. OUT is what printf %b makes exactly the standard output; ERR is a
# regular expression that a line of stderr matches, or '' for an empty stderr; without it stderr is not looked at.
expect() {
    local verdict=pass
    [ "$status" -eq "$2" ] || verdict=fail
    printf '%b' "$3" | cmp -s - "$work/out" || verdict=fail
    if [ $# -ge 4 ]; then
        if [ -z "$4" ]; then
            [ ! -s "$work/err" ] || verdict=fail
        else
            grep -aqE -e "$4" "$work/err" || verdict=fail
        fi
    fi
    $verdict "$1"
}

# same NAME FILE FILE: equal and not empty
same() {
    if cmp -s "$2" "$3" && [ -s "$2" ]; then
        pass
    else
        fail "$1"
        diff "$2" "$3" | head -n 6 | cat -v | cut -c 1-200
    fi
}

# holds NAME COMMAND...
holds() {
    local name=$1
    shift
    if "$@" >/dev/null 2>&1; then pass; else fail "$name"; fi
}

lacks() {
    local name=$1
    shift
    if "$@" >/dev/null 2>&1; then fail "$name"; else pass; fi
}

# feed BYTES COMMAND...: run with what printf %b makes of BYTES as the standard input
feed() {
    printf '%b' "$1" >"$work/in"
    shift
    run "$@" <"$work/in"
}

# pipe BYTES COMMAND...: the same through a pipe
pipe() {
    local bytes=$1
    shift
    printf '%b' "$bytes" | "$@" >"$work/out" 2>"$work/err"
    status=${PIPESTATUS[1]}
}
