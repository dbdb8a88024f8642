#!/usr/bin/env bash
# The AVX-VNNI object as it is shipped runs on processors without AVX-512: every instruction is encoded with VEX, the dot
# products too, and none with EVEX (whose first byte is 62). Ends with a tally.
set -u
cd "$(dirname "$0")/.."
object=build/src/kernels/avxvnni.o
skip() { echo "skip AVX-VNNI: $1"; echo "tally 0 0 1"; exit 0; }
[ "$(uname -m)" = x86_64 ] || skip "$(uname -m) has no such instructions"
command -v objdump >/dev/null || skip "objdump is not installed"
code=$(objdump -dw "$object") || { echo "tally 0 1 0"; exit 1; }
grep -q '<simd_gemm_i8' <<<"$code" || skip "this compiler does not know it"
passed=0 failed=0
check() { # NAME, and whether it holds: 0
    if [ "$2" -eq 0 ]; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "not ok $1"; fi
}
grep -qP '\tc4 [^\t]*\t\{vex\} vpdpbusd ' <<<"$code"
check "dot products encoded with VEX" $?
! grep -P '^ *[0-9a-f]+:\t62 ' <<<"$code"
check "nothing encoded with EVEX" $?
! grep -E '%zmm|%[xy]mm(1[6-9]|2[0-9]|3[01])' <<<"$code"
check "no register that only AVX-512 has" $?
echo "tally $passed $failed 0"
[ $failed -eq 0 ]
