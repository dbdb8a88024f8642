#!/usr/bin/env bash
# The rules of the source tree: includes go one way, the command line sees dragoman.h alone, and gcc, clang and the
# cross compiler build it without a warning. Ends with a tally.
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
for compiler in gcc clang aarch64-linux-gnu-gcc; do
    if ! command -v $compiler >/dev/null; then skipped=$((skipped + 1)); echo "skip $compiler: not installed"; continue; fi
    warnings= machine=$($compiler -dumpmachine) headers=$(pkg-config --cflags libcjson libutf8proc libedit libmd)
    [ $compiler = aarch64-linux-gnu-gcc ] && headers+=' -idirafter /usr/include' # the libraries' are the same
    for source in $(find src -name '*.c'); do
        case ${machine%%-*}:$source in
        x86_64:*avx2.c) flags='-mavx2 -mfma -mf16c' ;;
        x86_64:*avxvnni.c) flags='-mavx2 -mfma -mf16c -mavxvnni' ;;
        x86_64:*avx512*.c) flags='-mavx512f -mavx512bw -mavx512vl -mavx512dq -mavx512vnni -mfma -mf16c' ;;
        aarch64:*neon.c) flags='-march=armv8.2-a+dotprod' ;;
        *) flags= ;;
        esac
        warnings+=$($compiler -fsyntax-only -std=c11 -D_GNU_SOURCE -fopenmp -Wall -Wextra $flags \
            -DDRAGOMAN_DATADIR='"/x"' $headers "$source" 2>&1)
    done
    check "$compiler -Wall -Wextra" "$warnings"
done
echo "tally $passed $failed $skipped"
[ $failed -eq 0 ]
