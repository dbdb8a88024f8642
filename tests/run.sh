#!/usr/bin/env bash
# Run test programs one after another; each ends with a line `tally PASSED FAILED SKIPPED`.
# The last line counts them all. usage: tests/run.sh PROGRAM...
set -u
passed=0 failed=0 skipped=0
for program in "$@"; do
    start=$SECONDS
    output=$("$program" 2>&1 </dev/null)
    status=$?
    tally=$(printf '%s\n' "$output" | grep -aE '^tally [0-9]+ [0-9]+ [0-9]+$' | tail -n 1)
    printf '%s\n' "$output" | grep -avE '^tally ' | grep -av '^$'
    if [ -z "$tally" ]; then
        echo "not ok $program: ended without a tally (exit status $status)"
        tally="tally 0 1 0"
    fi
    read -r _ p f s <<<"$tally"
    if [ "$status" -ne 0 ] && [ "$f" -eq 0 ]; then
        echo "not ok $program: exit status $status"
        f=1
    fi
    [ "$f" -eq 0 ] && verdict=ok || verdict='not ok'
    echo "$verdict $program: $p passed, $f failed, $s skipped, $((SECONDS - start)) s"
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
