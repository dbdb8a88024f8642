#!/usr/bin/env bash
# The tests of the command line on files and streams once more, with the program built under the sanitizers.
cd "$(dirname "$0")/.." && DRAGOMAN=$PWD/build/sanitized/dragoman exec tests/cli/run_cli.sh streams files tokens attend
