#!/usr/bin/env bash
# The example of the library in the README compiles, links, runs and translates. Ends with a tally.
set -u
cd "$(dirname "$0")/.."
passed=0 failed=0 dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
check() { if [ "$1" -eq 0 ]; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "not ok $2"; fi; }
awk '/^```c$/ { on = 1; next } /^```/ { on = 0 } on' README.md >"$dir/example.c"
[ -s "$dir/example.c" ]; check $? "README.md holds no example in C"
${CC:-cc} -std=c11 -Wall -Wextra -Werror -Isrc -fopenmp -o "$dir/example" "$dir/example.c" build/libdragoman.a \
    $(pkg-config --libs libcjson libutf8proc) -lm
check $? "the example compiles"
"$dir/example" >"$dir/out"; check $? "the example runs"
./dragoman -t de 'Where is the train station?' >"$dir/want"
cmp -s "$dir/want" "$dir/out"; check $? "the example prints what the program prints: $(cat "$dir/out")"
echo "tally $passed $failed 0"
[ $failed -eq 0 ]
