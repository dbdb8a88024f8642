#!/usr/bin/env bash
# The NEON kernels on another machine: built with the cross compiler, their unit tests run by qemu on a processor that
# has just the dot products, and the choice of the table on that one, on one without and on one with everything.
# Ends with a tally.
set -u
cd "$(dirname "$0")/.."
skip() { echo "skip NEON: $1"; echo "tally 0 0 1"; exit 0; }
case $(uname -m) in aarch64|arm64) skip "this is an ARM machine; the unit tests are enough" ;; esac
for command in aarch64-linux-gnu-gcc qemu-aarch64; do
    command -v $command >/dev/null || skip "$command is not installed"
done
[ -e "$(aarch64-linux-gnu-gcc -print-file-name=libc.a)" ] || skip "libc6-dev-arm64-cross is not installed"
unset DRAGOMAN_CPU
passed=0 failed=0 skipped=0 dir=build/aarch64 cc='aarch64-linux-gnu-gcc -std=c11 -static'
same() { # NAME WANT GOT
    if [ "$2" = "$3" ]; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "not ok $1: '$3', want '$2'"; fi
}
objects= tests=
for source in src/kernels/*.c src/base/error.c; do objects+=" $dir/${source%.c}.o"; done
for source in tests/unit/test_kernels*.c; do tests+=" $dir/${source%.c}"; done
mkdir -p $dir
cat >$dir/choose.c <<'END'
#include <stdio.h>
#include "../../src/kernels/kernels.h"
int main(void)
{
    dragoman_error error;
    const struct kernels *chosen = kernels_choose(&error);
    puts(chosen ? chosen->name : error.message);
    return !chosen;
}
END
env -u MAKEFLAGS -u MFLAGS make -s BUILD=$dir CC=aarch64-linux-gnu-gcc CFLAGS=-O2 $objects \
    $(printf '%s.o ' $tests)
$cc -o $dir/choose $dir/choose.c $objects -lm
same "build choose" 0 $?
for test in $tests; do # cortex-a76: ARMv8.2 with the dot products and nothing newer
    $cc -o $test $test.o $objects -lm
    same "build $test" 0 $?
    output=$(qemu-aarch64 -cpu cortex-a76 $test)
    same "$test exits with" 0 $?
    printf '%s\n' "$output" | grep -v '^tally '
    read -r _ p f s <<<"$(printf '%s\n' "$output" | grep '^tally ')"
    passed=$((passed + ${p:-0})) failed=$((failed + ${f:-1})) skipped=$((skipped + ${s:-0}))
done
for cpu in cortex-a76=neon max=neon cortex-a57=scalar; do
    same "the table of ${cpu%=*}" "${cpu#*=}" "$(qemu-aarch64 -cpu "${cpu%=*}" $dir/choose)"
done
same "scalar wanted" scalar "$(DRAGOMAN_CPU=scalar qemu-aarch64 -cpu max $dir/choose)"
same "neon wanted where it is not" "DRAGOMAN_CPU: found 'neon', want one that this processor has: scalar" \
    "$(DRAGOMAN_CPU=neon qemu-aarch64 -cpu cortex-a57 $dir/choose)"
echo "tally $passed $failed $skipped"
[ $failed -eq 0 ]
