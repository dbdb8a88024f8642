# Parsing: every way to write an option, and every way to get it wrong.

# What is printed about the program itself.
run "$dragoman" --help
holds 'help says how to call' grep -q '^Usage: dragoman' "$work/out"
holds 'help: exit 0 and nothing on stderr' [ "$status" -eq 0 -a ! -s "$work/err" ]
lacks 'help fits 80 columns' grep -qE '.{81}' <(grep -v /share/dragoman "$work/out")
holds 'help fits a screen' [ "$(wc -l <"$work/out")" -le 45 ]
cp "$work/out" "$work/help"
for form in -h help --hel '-q --help' '--help --nonsense' 'inspect --help' 'Hello -h'; do
    run "$dragoman" $form
    same "dragoman $form prints the help" "$work/help" "$work/out"
done
run "$dragoman" --version
holds 'version' grep -qE '^dragoman [0-9]+\.[0-9]+' "$work/out"
cp "$work/out" "$work/version"
for form in -V version --vers; do
    run "$dragoman" $form
    same "dragoman $form prints the version" "$work/version" "$work/out"
done

# Ways to write options: all mean the same.
"$dragoman" --to=de Hello >"$work/want" 2>/dev/null
for form in '--to de Hello' '-t de Hello' '-tde Hello' '-t DE Hello' '--to=DE Hello' 'Hello --to de' 'Hello -tde' \
    '-qtde Hello' '-qt de Hello' '-qvqtde Hello' '-t en -t de Hello' '-t de -- Hello' '-j1 -t de Hello' \
    '--threads=2 --to de Hello' '--thr 1 --to de Hello' '-j 0 -t de Hello'; do
    run "$dragoman" $form
    same "dragoman $form" "$work/want" "$work/out"
done
"$dragoman" -t de Hello my friend >"$work/want"
run "$dragoman" -t de 'Hello my friend'
same 'words are joined by a blank' "$work/want" "$work/out"
run "$dragoman" Hello -t de my -q friend
same 'options between words' "$work/want" "$work/out"

# What is text and what is not.
run "$dragoman" -- -5; expect '-- makes an option text' 0 '-5\n' ''
run "$dragoman" 1 -- -2 --3; expect '-- in the middle' 0 '1 -2 --3\n' ''
run "$dragoman" 12 -- --; expect 'a second -- is text' 0 '12 --\n' ''
run "$dragoman" ''; expect 'an empty TEXT' 0 '\n' ''
run "$dragoman" ' 1  2 '; expect 'blanks of TEXT are kept' 0 ' 1  2 \n' ''
feed '12\n' "$dragoman" -; expect '- reads the standard input' 0 '12\n' ''
run "$dragoman" -- -; expect '-- - is text' 0 '-\n' ''
run "$dragoman" 1 -; expect '- among words is text' 0 '1 -\n' ''
run "$dragoman" '1\0612'; expect 'a backslash is no escape' 0 '1\\0612\n' ''
printf 'inspect\n' | "$dragoman" -t de >"$work/want"
run "$dragoman" -t de -- inspect
same "a command's name after -- is text" "$work/want" "$work/out"
printf 'Please help\n' | "$dragoman" -t de >"$work/want"
run "$dragoman" -t de Please help
same "a command's name as a later word is text" "$work/want" "$work/out"
printf 'inspect the car\n' | "$dragoman" -t de >"$work/want"
run "$dragoman" -t de 'inspect the car'
same 'a text that begins with a command is text' "$work/want" "$work/out"

# Usage errors: status 2, one line on stderr that says what is wrong, nothing on stdout.
wrong() {
    local message=$1
    shift
    feed '12\n' "$@"
    expect "usage: ${*:2}" 2 '' "^dragoman: $message"
    holds "usage: ${*:2}: one line" [ "$(wc -l <"$work/err")" -eq 1 ]
}
wrong 'unknown option --nonsense.*--help' "$dragoman" --nonsense
wrong 'unknown option -Z' "$dragoman" -qZ
wrong 'unknown option -5' "$dragoman" -5
wrong '--v may be --verbose or --version' "$dragoman" --v
wrong '--quiet takes no value' "$dragoman" --quiet=1
wrong '--to wants a value' "$dragoman" --to
wrong '-t wants a value' "$dragoman" -qt
wrong "--threads: want a number.*'x'" "$dragoman" -j x
wrong "--threads: want a number.*'-1'" "$dragoman" -j -1
wrong '--threads: want a number' "$dragoman" -j 1x
wrong '--threads: want a number' "$dragoman" -j ''
wrong '--threads: want a number' "$dragoman" -j ' 1'
wrong '--threads: want a number' "$dragoman" -j 99999999999999999999
wrong "--to: found 'xx', want .*de" "$dragoman" -t xx
wrong "--to: found '', want .*en" "$dragoman" -t '' 12
wrong 'both --input and' "$dragoman" -i "$work/in" 12
wrong 'both --model and --spm' "$dragoman" tokenize -m x --spm y
wrong 'both --model and' "$dragoman" inspect -m x y
wrong '--to does not go with tokenize' "$dragoman" tokenize -t de
wrong '--ids does not go with translating' "$dragoman" --ids 12
wrong '--output does not go with inspect' "$dragoman" inspect -o x
wrong 'inspect takes one operand.*put -- before' "$dragoman" inspect the car
wrong 'help takes no operands' "$dragoman" help me
wrong '--model: want a file or a name' "$dragoman" -m '' 12

# -q and -v.
feed '12\n' "$dragoman" -v; expect 'statistics' 0 '12\n' 'words/s'
holds 'statistics name the kernels' grep -q kernels "$work/err"
feed '12\n' "$dragoman" -q; expect 'quiet' 0 '12\n' ''
