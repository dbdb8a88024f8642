#!/usr/bin/env bash
# The same bytes always: whatever the kernel table, the number of threads, the lines that are translated together and
# the way the text comes in. 1,000 lines. Runs from the repository root; ends with a tally.
set -u
cd "$(dirname "$0")/.."
dragoman=${DRAGOMAN:-./dragoman} batches=build/tests/batches dir=$(mktemp -d) passed=0 failed=0 skipped=0
bundled=models/en-de.safetensors tiny=tests/golden/tiny-i8.safetensors
trap 'rm -rf "$dir"' EXIT
pass() { passed=$((passed + 1)); }
fail() { failed=$((failed + 1)); echo "not ok $1"; }
same() { # NAME WANT GOT
    if [ -s "$2" ] && cmp -s "$2" "$3"; then pass; else fail "$1: other bytes"; fi
}

# The 500 sentences of the golden test; and as people type them: in small letters, two in a line, the first half of one.
cut -f2 tests/golden/sentences.tsv >"$dir/text500"
awk 'NR % 3 == 0 { print tolower($0) }
     NR % 3 == 1 { print last, $0 }
     NR % 3 == 2 { half = $1; for (i = 2; i <= NF / 2; i++) half = half " " $i; print half }
     { last = $0 }' "$dir/text500" | cat "$dir/text500" - >"$dir/text"
"$dragoman" -j1 -i "$dir/text" -o "$dir/want" || fail "exit status $?"
[ "$(wc -l <"$dir/want")" -eq 1000 ] && pass || fail "$(wc -l <"$dir/want") lines, want 1000"
lacking=$(paste -d '\n' "$dir/text" "$dir/want" | awk 'NR % 2 { last = $0; next } last == $0' | wc -l)
[ "$lacking" -lt 50 ] && pass || fail "$lacking lines are copied"

# As files and streams.
for j in 2 8; do
    "$dragoman" -j$j -i "$dir/text" -o "$dir/out"
    same "-j$j" "$dir/want" "$dir/out"
done
"$dragoman" <"$dir/text" >"$dir/out"
same "standard input" "$dir/want" "$dir/out"
cat "$dir/text" | "$dragoman" >"$dir/out"
same "a pipe" "$dir/want" "$dir/out"
tac "$dir/text" | "$dragoman" | tac >"$dir/out"
same "the other way round" "$dir/want" "$dir/out"
head -n 12 "$dir/text" | while IFS= read -r line; do "$dragoman" -- "$line"; done >"$dir/out"
head -n 12 "$dir/want" >"$dir/some"
same "one process a line" "$dir/some" "$dir/out"

# in_batches NAME MODEL TEXT WANT TABLE THREADS:LINES...: so many lines a call in so many threads. Threads that wait
# for one another sleep: where others use the machine, too, waiting in a loop for every product takes minutes.
export OMP_WAIT_POLICY=passive
in_batches() {
    local name=$1 model=$2 text=$3 want=$4 table=$5
    shift 5
    for way in "$@"; do
        if DRAGOMAN_CPU=$table $batches $model ${way%:*} ${way#*:} <"$text" >"$dir/out" 2>"$dir/err"; then
            grep -qx "$table" "$dir/err" && pass || fail "$name: want $table, found $(cat "$dir/err")"
            same "$name, $table, ${way%:*} threads, ${way#*:} lines at a time" "$want" "$dir/out"
        else
            skipped=$((skipped + 1)); echo "skip $table: $(cat "$dir/err")"
            return
        fi
    done
}
all='1:1 2:1 8:1 1:64 2:64 8:64'
best=$(DRAGOMAN_CPU= $batches $tiny 1 1 2>&1 </dev/null)
for table in avx512vnni avxvnni avx512 avx2; do
    [ "$table" = "$best" ] && ways=$all || ways='1:1 2:64 8:64'
    in_batches bundled $bundled "$dir/text" "$dir/want" $table $ways
done
# The scalar table is slow: every 10th line; and all of them with a tiny model.
tenth() { awk 'NR % 10 == 1' "$1" >"$1.tenth"; }
"$dragoman" -qj1 -m $tiny -i "$dir/text" -o "$dir/tiny"
tenth "$dir/text"; tenth "$dir/want"; tenth "$dir/tiny"
in_batches bundled $bundled "$dir/text.tenth" "$dir/want.tenth" scalar 2:64
for table in avx512vnni avxvnni avx512 avx2; do
    in_batches tiny $tiny "$dir/text" "$dir/tiny" $table 2:64
done
in_batches tiny $tiny "$dir/text" "$dir/tiny" scalar 2:64
in_batches tiny $tiny "$dir/text.tenth" "$dir/tiny.tenth" scalar $all

DRAGOMAN_CPU=sse9 "$dragoman" Hello >"$dir/out" 2>"$dir/err"
if [ $? -eq 2 ] && grep -q "sse9.*scalar" "$dir/err"; then pass; else fail "unknown table"; fi
echo "tally $passed $failed $skipped"
[ $failed -eq 0 ]
