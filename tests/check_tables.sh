#!/usr/bin/env bash
# The same bytes always: whatever the kernel table, the number of threads and the way the text comes in.
# Runs from the repository root; ends with a tally.
set -u
cd "$(dirname "$0")/.."
dragoman=${DRAGOMAN:-./dragoman} dir=$(mktemp -d) passed=0 failed=0 skipped=0
trap 'rm -rf "$dir"' EXIT
same() { # NAME FILE
    if cmp -s "$dir/want" "$2"; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "not ok $1: other bytes"; fi
}
cut -f2 tests/golden/sentences.tsv >"$dir/text"
"$dragoman" -j1 -i "$dir/text" -o "$dir/want" || echo "not ok: exit status $?"
[ "$(wc -l <"$dir/want")" -eq 500 ] && passed=1 || { failed=1; echo "not ok: $(wc -l <"$dir/want") lines, want 500"; }
for j in 2 8; do
    "$dragoman" -j$j -i "$dir/text" -o "$dir/out"
    same "-j$j" "$dir/out"
done
"$dragoman" <"$dir/text" >"$dir/out"
same "standard input" "$dir/out"
cat "$dir/text" | "$dragoman" >"$dir/out"
same "a pipe" "$dir/out"
tac "$dir/text" | "$dragoman" | tac >"$dir/out"
same "the other way round" "$dir/out"
head -n 12 "$dir/text" | while IFS= read -r line; do "$dragoman" -- "$line"; done >"$dir/out"
head -n 12 "$dir/want" >"$dir/want12" && mv "$dir/want" "$dir/want500" && mv "$dir/want12" "$dir/want"
same "one process a line" "$dir/out"
mv "$dir/want500" "$dir/want"
for table in avx512 avx2; do
    if DRAGOMAN_CPU=$table "$dragoman" -j2 -i "$dir/text" -o "$dir/out" 2>"$dir/err"; then
        same "$table" "$dir/out"
    else
        skipped=$((skipped + 1)); echo "skip $table: $(cat "$dir/err")"
    fi
done
head -n 40 "$dir/want" >"$dir/some" && mv "$dir/some" "$dir/want"
head -n 40 "$dir/text" | DRAGOMAN_CPU=scalar "$dragoman" >"$dir/out"
same scalar "$dir/out"
DRAGOMAN_CPU=sse9 "$dragoman" Hello >"$dir/out" 2>"$dir/err"
if [ $? -eq 2 ] && grep -q "sse9.*scalar" "$dir/err"; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "not ok unknown table"; fi
echo "tally $passed $failed $skipped"
[ $failed -eq 0 ]
