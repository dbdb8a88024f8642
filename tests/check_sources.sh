#!/usr/bin/env bash
# The rules of the source tree: includes go one way, the command line sees dragoman.h alone, and gcc and clang both
# build it without a warning. Ends with a tally.
set -u
cd "$(dirname "$0")/.."
passed=0 failed=0 skipped=0
check() { # NAME OFFENDERS
    if [ -z "$2" ]; then passed=$((passed + 1)); else failed=$((failed + 1)); printf 'not ok %s:\n%s\n' "$1" "$2"; fi
}
# FOLDER may include itself and the folders after it (see src/README.md).
layer() {
    local folder=$1 allowed="\"[a-z0-9_]*\\.h\"|\"\\.\\./dragoman\\.h\""
    shift
    for other in "$@"; do allowed="$allowed|\"\\.\\./$other/"; done
    check "includes of src/$folder" "$(grep -nE '^#include "' src/"$folder"/*.[ch] | grep -vE "#include ($allowed)")"
}
layer base
layer kernels base
layer nn base kernels
layer model base kernels nn
layer decode base kernels nn model
layer text base
layer formats base
layer cli
check "library sources that print or exit" \
    "$(grep -nE '\b(printf|puts|exit|abort|assert|perror)\(|stderr|stdout' $(find src -name '*.c' -not -path 'src/cli/*'))"
avx2='-mavx2 -mfma -mf16c' avx512='-mavx512f -mavx512bw -mavx512vl -mavx512dq -mfma -mf16c'
for compiler in gcc clang; do
    if ! command -v $compiler >/dev/null; then skipped=$((skipped + 1)); echo "skip $compiler: not installed"; continue; fi
    warnings=
    for source in $(find src -name '*.c'); do
        flags=
        case $source in
        *avx2.c) flags=$avx2 ;;
        *avxvnni.c) flags="$avx2 -mavxvnni" ;;
        *avx512.c) flags=$avx512 ;;
        *avx512vnni.c) flags="$avx512 -mavx512vnni" ;;
        esac
        [ "$(uname -m)" = x86_64 ] || flags=
        warnings+=$($compiler -fsyntax-only -std=c11 -D_GNU_SOURCE -fopenmp -Wall -Wextra $flags \
            -DDRAGOMAN_DATADIR='"/x"' $(pkg-config --cflags libcjson libutf8proc libedit libmd) "$source" 2>&1)
    done
    check "$compiler -Wall -Wextra" "$warnings"
done
echo "tally $passed $failed $skipped"
[ $failed -eq 0 ]
