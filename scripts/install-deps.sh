#!/usr/bin/env bash
# Install the Debian packages that are missing, saying which. usage: install-deps.sh build|test|train
set -eu
optional= # what tests can do without: each skips, saying so
build='gcc make pkg-config libcjson-dev libutf8proc-dev libedit-dev libmd-dev'
case ${1-} in
build) wanted=$build ;;
test)  wanted="$build sentencepiece python3 clang libomp-dev"
       optional='chromium fonts-dejavu-core' # to look at the pages of `dragoman attend`
       [ "$(uname -m)" != x86_64 ] || optional="$optional gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user" ;;
train) wanted="$build python3-torch libopenblas0 python3-sentencepiece python3-numpy" ;;
*)     echo "usage: install-deps.sh build|test|train" >&2; exit 2 ;;
esac
# Any compiler will do, also one that no package brought.
have() {
    case $1 in
    gcc)  command -v "${CC:-cc}" >/dev/null ;;
    make) command -v make >/dev/null ;;
    *)    dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null | grep -qx installed ;;
    esac
}
install() { # PACKAGE...
    local missing= sudo= package
    for package in "$@"; do
        have "$package" || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    command -v apt-get >/dev/null || { echo "Please install:$missing" >&2; return 1; }
    [ "$(id -u)" -eq 0 ] || sudo=sudo
    echo "Installing$missing" >&2
    $sudo apt-get update -qq >&2 &&
        DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends $missing >/dev/null
}
install $wanted || exit 1
install $optional || echo "Going on without some of: $optional" >&2
