#!/usr/bin/env bash
# Install the Debian packages that are missing, saying which. usage: install-deps.sh build|test|train
set -eu
spare= # what tests can do without
build='gcc make pkg-config libcjson-dev libutf8proc-dev libedit-dev libmd-dev'
case ${1-} in
build) wanted=$build ;;
test)  wanted="$build sentencepiece python3 clang libomp-dev"
       [ "$(uname -m)" != x86_64 ] || spare='gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user' ;;
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
missing= missing_spare=
for package in $wanted; do
    have "$package" || missing="$missing $package"
done
for package in $spare; do
    have "$package" || missing_spare="$missing_spare $package"
done
[ -n "$missing$missing_spare" ] || exit 0
command -v apt-get >/dev/null || { echo "Please install:$missing$missing_spare" >&2; [ -z "$missing" ]; exit; }
sudo=
[ "$(id -u)" -eq 0 ] || sudo=sudo
install() {
    DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}
echo "Installing$missing$missing_spare" >&2
$sudo apt-get update -qq >&2 || [ -z "$missing" ]
[ -z "$missing" ] || install $missing
[ -z "$missing_spare" ] || install $missing_spare || echo "Going on without$missing_spare" >&2
