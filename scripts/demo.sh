#!/usr/bin/env bash
# Translate a handful of sentences in both directions and show the commands to go on with.
set -eu
cd "$(dirname "$0")/.."
show() {
    printf '\n$ %s\n' "$*"
    eval "$*"
}
show './dragoman "Good morning! How are you today?"'
show './dragoman "Ich habe meinen Schlüssel verloren."'
show 'printf "Where is the train station?\nThank you very much for your help.\n" | ./dragoman --to=de'
show 'printf "Wir sehen uns morgen.\nDas Essen war sehr gut.\n" | ./dragoman --to=en'
cat <<'END'

Go on with:
  ./dragoman                             a prompt; ^D leaves it
  ./dragoman -t de -i FILE -o FILE       a file, a line at a time
  ./dragoman attend "I lost my keys."    what the attention looks at
  ./dragoman inspect                     what the model file holds
  ./dragoman tokenize "Hello there"      how text is cut into pieces
  ./dragoman --help                      everything else
END
