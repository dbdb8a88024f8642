# Lines in, lines out: line ends, odd bytes, long lines, pipes.

# unchanged NAME BYTES [OUT]: from a file and through a pipe; OUT is BYTES if not given
unchanged() {
    local out=${3-$2}
    feed "$2" "$dragoman"; expect "$1, file" 0 "$out" ''
    pipe "$2" "$dragoman"; expect "$1, pipe" 0 "$out" ''
}
unchanged 'an empty file' ''
unchanged 'one line' '12\n'
unchanged 'no final newline' '12\n34'
unchanged 'a blank line only' '\n'
unchanged 'blank lines' '\n\n12\n\n\n34\n\n'
unchanged 'blanks only' '  \n\t\n '
unchanged 'CRLF' '12\r\n34\r\n'
unchanged 'CRLF and LF mixed' '12\r\n34\n\r\n56\r\n\n'
unchanged 'CRLF without the last LF' '12\r\n34\r'
unchanged 'a return inside a line' '1\r2\n'
unchanged 'NUL bytes' '1\00002\n\0000\n\0000'
unchanged 'control characters' '\0001 1\0033[31;2\0177\n'
unchanged 'a byte order mark' '\0357\0273\0277 12\n'
unchanged 'form feed and vertical tab' '1\0014\n\0013\n'
unchanged 'U+2028 is no line end' '1\0342\0200\0250 2\n'

feed '1\03772\n\0300\0200\n' "$dragoman"
holds 'invalid UTF-8: exit 0' [ "$status" -eq 0 ]
holds 'invalid UTF-8 is replaced' grep -q $'1\357\277\2752' "$work/out"
holds 'invalid UTF-8 is counted' grep -qE '^dragoman: [23] invalid bytes replaced' "$work/err"
holds 'the output is UTF-8' iconv -f UTF-8 -t UTF-8 "$work/out"
feed '1\03772\n' "$dragoman"; expect 'one invalid byte' 0 '1\0357\0277\02752\n' '^dragoman: 1 invalid byte replaced'
feed '1\03772\n' "$dragoman" -q; expect 'invalid bytes, quiet' 0 '1\0357\0277\02752\n' ''
head -c 300000 /dev/urandom >"$work/noise"

tr -d 'a-zA-Z\200-\377' <"$work/noise" >"$work/ascii"
run "$dragoman" -i "$work/ascii"
same 'noise without letters is copied' "$work/ascii" "$work/out"
LC_ALL=C tr '\0-\37A-Za-z' '\377' <"$work/noise" | head -c 5000 >"$work/in"
run "$dragoman" -i "$work/in"
holds 'noise that is not UTF-8: exit 0' [ "$status" -eq 0 ]
holds 'noise comes out as UTF-8' iconv -f UTF-8 -t UTF-8 "$work/out"

head -c 1000000 /dev/zero | tr '\0' 7 >"$work/long"
cp "$work/long" "$work/in"
printf '\n12' >>"$work/in"
run "$dragoman" <"$work/in"
same 'a line of 1 MB, file' "$work/in" "$work/out"
cat "$work/in" | "$dragoman" >"$work/out" 2>"$work/err"
same 'a line of 1 MB, pipe' "$work/in" "$work/out"
for _ in {1..200}; do
    printf 'The weather is nice today. Where is the station? I have no time. We went to the market. '
done >"$work/in"
echo >>"$work/in"
run "$dragoman" -t de -i "$work/in"
holds 'a line of 800 sentences' [ "$status$(wc -l <"$work/out")" = 01 -a "$(wc -c <"$work/out")" -gt 2000 ]
head -c 300000 /dev/zero | tr '\0' a >"$work/in"
echo >>"$work/in"
run timeout 20 "$dragoman" -t de -i "$work/in"
same 'a word of 300 KB is copied' "$work/in" "$work/out"
seq 1 20000 >"$work/in"
run "$dragoman" <"$work/in"
same '20,000 lines, file' "$work/in" "$work/out"
seq 1 20000 | "$dragoman" >"$work/out" 2>"$work/err"
same '20,000 lines, pipe' "$work/in" "$work/out"
(read -r _; "$dragoman") <"$work/in" >"$work/out"
tail -n +2 "$work/in" >"$work/want"
same 'a file that was read from already' "$work/want" "$work/out"

# The same bytes, however the text comes.
cat >"$work/text" <<'TEXT'
Good morning.
Where is the station?
Ich habe keine Zeit.

  The weather is nice today. Shall we go for a walk?
12 apples
Das ist mein Haus.
TEXT
"$dragoman" <"$work/text" >"$work/want"
holds 'a line for a line' [ "$(wc -l <"$work/want")" -eq "$(wc -l <"$work/text")" ]
cat "$work/text" | "$dragoman" >"$work/out"
same 'pipe and file' "$work/want" "$work/out"
while IFS= read -r line; do printf '%s\n' "$line"; sleep 0.02; done <"$work/text" | "$dragoman" >"$work/out"
same 'a slow pipe and file' "$work/want" "$work/out"
while IFS= read -r line; do "$dragoman" -- "$line"; done <"$work/text" >"$work/out"
same 'words and file' "$work/want" "$work/out"
run "$dragoman" -i "$work/text"
same '-i and standard input' "$work/want" "$work/out"
sed 's/$/\r/' "$work/text" | "$dragoman" | tr -d '\r' >"$work/out"
same 'CRLF and LF' "$work/want" "$work/out"
head -c -1 "$work/text" >"$work/in"
run "$dragoman" -i "$work/in"
head -c -1 "$work/want" >"$work/want1"
same 'with and without a final newline' "$work/want1" "$work/out"
run "$dragoman" -j1 -i "$work/text"
same 'one thread' "$work/want" "$work/out"
run "$dragoman" -j3 -i "$work/text"
same 'three threads' "$work/want" "$work/out"

# A pipe gets its answer before it closes; a partial line waits for its end.
coproc slow { "$dragoman" 2>"$work/err"; }
pid=$slow_PID
printf '12\n34\n5' >&"${slow[1]}"
answer= second= third=
read -r -t 20 -u "${slow[0]}" answer && read -r -t 20 -u "${slow[0]}" second
read -r -t 0.3 -u "${slow[0]}" third
holds 'answers before the pipe closes' [ "$answer,$second,$third" = 12,34, ]
printf '6\n' >&"${slow[1]}"
read -r -t 20 -u "${slow[0]}" third
holds 'and goes on' [ "$third" = 56 ]
exec {slow[1]}>&-
wait "$pid"
status=$?
holds 'and ends well' [ "$status" -eq 0 ]

# A reader that goes away.
{ printf 'a\377b\n'; yes 12; } | "$dragoman" -t de 2>"$work/err" | head -n 1 >"$work/out"
holds 'a closed pipe: nothing is reported' [ -s "$work/out" -a ! -s "$work/err" ]
yes 12 | "$dragoman" 2>"$work/err" | head -n 1 >"$work/out"
status=${PIPESTATUS[1]}
expect 'a closed pipe ends it quietly' 0 '12\n' ''
"$dragoman" --help 2>"$work/err" | true
status=${PIPESTATUS[0]}
holds 'a closed pipe and --help' [ "$status" -eq 0 -a ! -s "$work/err" ]

# Standard streams that are closed.
run "$dragoman" <&-; expect 'no standard input' 5 '' '^dragoman: standard input: '
"$dragoman" 12 2>"$work/err" >&-; status=$?; : >"$work/out"
expect 'no standard output' 6 '' '^dragoman: standard output: '
"$dragoman" 12 >"$work/out" 2>&-; status=$?; : >"$work/err"
expect 'no standard error' 0 '12\n' ''
