# tokenize and detokenize.
text='The quick brown fox jumps over the lazy dog.'
run "$dragoman" tokenize "$text"
cp "$work/out" "$work/pieces"
holds 'tokenize: one line' [ "$status" -eq 0 -a "$(wc -l <"$work/out")" -eq 1 ]
run "$dragoman" tokenize --ids $text
cp "$work/out" "$work/ids"
holds 'tokenize --ids: numbers' grep -qE '^[0-9]+( [0-9]+)*$' "$work/ids"
holds 'as many ids as pieces' [ "$(wc -w <"$work/ids")" -eq "$(wc -w <"$work/pieces")" ]
run "$dragoman" detokenize -i "$work/ids"; expect 'and back' 0 "$text\n" ''
run "$dragoman" detokenize $(cat "$work/ids"); expect 'and back, as words' 0 "$text\n" ''
printf '%s\n\nGrüße aus Köln!\n%s' "$text" "$text" >"$work/text"
"$dragoman" tokenize --ids <"$work/text" >"$work/all"
holds 'a line out for a line in' [ "$(wc -l <"$work/all")" -eq 4 ]
holds 'a blank line stays one' [ -z "$(sed -n 2p "$work/all")" ]
run "$dragoman" detokenize <"$work/all"
expect 'lines and back' 0 "$text\n\nGrüße aus Köln!\n$text\n" ''
cat "$work/text" | "$dragoman" tokenize --ids >"$work/out"
same 'tokenize: pipe and file' "$work/all" "$work/out"
run "$dragoman" tokenize --ids -i "$work/text" -o "$work/out2"
same 'tokenize -o' "$work/all" "$work/out2"
feed '' "$dragoman" tokenize; expect 'tokenize: an empty file' 0 '' ''
feed '' "$dragoman" detokenize; expect 'detokenize: an empty file' 0 '' ''
feed 'a\0000b\n\0377\n' "$dragoman" tokenize; holds 'tokenize: odd bytes' [ "$status" -eq 0 ]
feed ' \t\n' "$dragoman" detokenize; expect 'detokenize: blanks only' 0 '\n' ''
sed 's/ /   /; s/^/ /; s/$/ \r/' "$work/ids" >"$work/in"
run "$dragoman" detokenize -i "$work/in"; expect 'detokenize: blanks and a return' 0 "$text\n" ''

wrong() {
    feed "$2" "$dragoman" detokenize
    expect "detokenize: $1" 5 "$3" "^dragoman: standard input:$4"
}
first=$(cat "$work/ids")
wrong 'a word' "$first\nfour\n" "$text\n" "2: found 'four', want an id from 0 to [0-9]+"
wrong 'a negative id' '-1\n' '' "1: found '-1'"
wrong 'too large an id' '\n\n99999999\n' '\n\n' '3: '
wrong 'far too large an id' '99999999999999999999\n' '' '1: '
wrong 'a number and more' '1x\n' '' "1: found '1x'"
wrong 'an escape' '\0033[31m\n' '' '1: found .\\x1b'
printf 'a\n' >"$work/in"
run "$dragoman" detokenize -i "$work/in"; expect 'detokenize: the message names the file' 5 '' "$work/in:1: "

# --spm: the tokenizer that lies in the model, as a file of its own
"$python" - "$model" "$work/own.spm" 2>"$work/err" <<'PYTHON'
import json, sys
data = open(sys.argv[1], "rb").read()
size = int.from_bytes(data[:8], "little")
header = json.loads(data[8 : 8 + size])
start, end = next(t["data_offsets"] for n, t in header.items() if n == "tokenizer.spm")
open(sys.argv[2], "wb").write(data[8 + size + start : 8 + size + end])
PYTHON
if [ -s "$work/own.spm" ]; then
    run "$dragoman" tokenize --ids --spm "$work/own.spm" -i "$work/text"
    same '--spm and -m' "$work/all" "$work/out"
    run "$dragoman" detokenize --spm "$work/own.spm" -i "$work/all"
    expect 'detokenize --spm' 0 "$text\n\nGrüße aus Köln!\n$text\n" ''
else
    skip '--spm'
fi
