#!/usr/bin/env bash
# Compare the tokenizer with SentencePiece's own programs: the ids of each line must be those of spm_encode, the text
# of these ids that of spm_decode. Models are trained here on text.txt; the bundled one comes after them, and
# more can be named in $SPM_MODELS (colon-separated). Texts: hard.txt, text.txt, a few generated long lines, and the corpus's lines where it is there.
#
# Every line of hard.txt is good for spm_encode. What it can't bear (it ends with "all normalized characters are not
# consumed") is a text with a control symbol of a single character in a BPE model, so no such model is trained here.
# usage: [DRAGOMAN=./dragoman] [CORPUS=../shared/corpus] [SPM_MODELS=FILE:...] tests/tokenizer/compare.sh
set -u
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.." || exit 1
program=${DRAGOMAN:-./dragoman}
corpus=${CORPUS:-../shared/corpus}/en-de
passed=0 failed=0 skipped=0 lines=0 models=0

finish() {
    echo "compared $lines lines with spm_encode and spm_decode, $models models"
    echo "tally $passed $failed $skipped"
    exit $((failed > 0))
}
for tool in spm_train spm_encode spm_decode; do
    if ! command -v $tool >/dev/null; then
        echo "skip tokenizer comparison: $tool is not installed (Debian package sentencepiece)"
        skipped=1
        finish
    fi
done
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

# ---- texts

cp "$here/hard.txt" "$work/hard"
cp "$here/text.txt" "$work/text"
repeat() { # repeat COUNT FILE
    for _ in $(seq "$1"); do cat "$2"; done
}
{ # 50,000 characters or bytes without a blank, of five kinds, and a line of 200,000
    head -c 50000 /dev/zero | tr '\0' 'a'; echo
    repeat 9 "$here/text.txt" | tr -d '\n ' | head -c 50000; echo
    printf 'ä%.0s' $(seq 50000); echo
    printf '🙂%.0s' $(seq 50000); echo
    head -c 50000 /dev/zero | tr '\0' '\377'; echo
    repeat 24 "$here/text.txt" | tr '\n' ' ' | head -c 200000; echo
} >"$work/long"
texts="hard text long"
if [ -d "$corpus" ]; then
    for name in dev.tsv dev.de-en.tsv test-everyday.tsv test-everyday.de-en.tsv; do
        [ -f "$corpus/$name" ] && tr '\t' '\n' <"$corpus/$name"
    done >"$work/corpus"
    texts="$texts corpus"
else
    echo "skip tokenizer comparison on the corpus: there is no $corpus"
    skipped=$((skipped + 1))
fi

# ---- comparing

# same WHAT WANTED FOUND STATUS: are the files equal, after both programs ended well?
same() {
    if [ "$4" -ne 0 ]; then
        failed=$((failed + 1))
        echo "not ok $1: a program ended with status $4: $(tail -n 1 "$work/log")"
    elif cmp -s "$2" "$3"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "not ok $1: line $(cmp "$2" "$3" 2>&1 | grep -oE 'line [0-9]+' | grep -oE '[0-9]+') differs"
    fi
}

encode() { # encode MODEL TEXT
    spm_encode --model="$1" --output_format=id <"$2" >"$work/wanted" 2>"$work/log" &&
        "$program" tokenize --spm "$1" --ids <"$2" >"$work/found" 2>"$work/log"
}

decode() { # decode MODEL IDS
    spm_decode --model="$1" --input_format=id <"$2" >"$work/wanted" 2>"$work/log" &&
        "$program" detokenize --spm "$1" <"$2" >"$work/found" 2>"$work/log"
}

compare() { # compare NAME MODEL
    local text last
    models=$((models + 1))
    for text in $texts; do
        encode "$2" "$work/$text"
        same "$1, $text, ids" "$work/wanted" "$work/found" $?
        grep -v '^$' "$work/wanted" >"$work/ids" # spm_decode takes a line without ids for the id 0
        decode "$2" "$work/ids"
        same "$1, $text, text" "$work/wanted" "$work/found" $?
        lines=$((lines + $(wc -l <"$work/$text")))
    done
    # Each id by itself, and all in a row, forwards, backwards and shuffled: control, unknown and byte pieces too.
    last=$(($(spm_export_vocab --model="$2" 2>/dev/null | wc -l) - 1))
    {
        seq 0 $last
        seq -s ' ' 0 $last
        seq -s ' ' $last -1 0
        seq 0 $last | shuf --random-source=<(yes) | paste -sd ' '
    } >"$work/ids"
    decode "$2" "$work/ids"
    same "$1, all ids, text" "$work/wanted" "$work/found" $?
}

train() { # train NAME TYPE SIZE OPTION...
    local name=$1 type=$2 size=$3
    shift 3
    if ! spm_train --input="$here/text.txt" --model_prefix="$work/$name" --model_type="$type" --vocab_size="$size" \
        --num_threads=1 --hard_vocab_limit=false "$@" >"$work/log" 2>&1; then
        failed=$((failed + 1))
        echo "not ok $name: spm_train failed: $(tail -n 1 "$work/log")"
        return
    fi
    compare "$name" "$work/$name.model"
}

symbols='--user_defined_symbols=[NAME],[NAME][NUM],<sep>,two words,▁Der,x, q'
printf '61\t62 62\n41 308\tC4\n78 79 7A\t\n2D\t20\n' >"$work/rules.tsv"
printf '62\t61 61\n65\tE4\n' >"$work/back.tsv"

train unigram unigram 500
train unigram-bytes unigram 600 --byte_fallback --normalization_rule_name=nfkc
train unigram-symbols unigram 500 "$symbols" --control_symbols='<2de>,>>de<<'
train unigram-folded unigram 400 --normalization_rule_name=nmt_nfkc_cf --split_digits
train unigram-identity unigram 500 --normalization_rule_name=identity --byte_fallback "$symbols"
train unigram-suffix unigram 500 --treat_whitespace_as_suffix
train unigram-bare unigram 500 --add_dummy_prefix=false --remove_extra_whitespaces=false
train unigram-spaces unigram 500 --remove_extra_whitespaces=false --split_by_whitespace=false \
    --normalization_rule_name=identity
train unigram-marian unigram 500 --eos_id=0 --unk_id=1 --bos_id=-1 --unk_surface=_ --unk_piece='<UNK>'
train unigram-rules unigram 400 --normalization_rule_tsv="$work/rules.tsv" --denormalization_rule_tsv="$work/back.tsv"
train bpe bpe 500
train bpe-bytes bpe 700 --byte_fallback --normalization_rule_name=nfkc
train bpe-symbols bpe 500 "$symbols" --control_symbols='<2de>,>>de<<'
train bpe-folded bpe 400 --normalization_rule_name=nmt_nfkc_cf --split_digits
train bpe-identity bpe 700 --normalization_rule_name=identity --byte_fallback "$symbols"
train bpe-suffix bpe 500 --treat_whitespace_as_suffix --allow_whitespace_only_pieces
train bpe-bare bpe 500 --add_dummy_prefix=false --remove_extra_whitespaces=false
train bpe-spaces bpe 500 --remove_extra_whitespaces=false --split_by_whitespace=false \
    --normalization_rule_name=identity
train bpe-marian bpe 500 --eos_id=0 --unk_id=1 --bos_id=-1 --unk_surface=_ --unk_piece='<UNK>'

# The tokenizer inside the bundled model.
python3 - models/en-de.safetensors >"$work/bundled.model" <<'END'
import json, struct, sys
data = open(sys.argv[1], 'rb').read()
length, = struct.unpack('<Q', data[:8])
begin, end = json.loads(data[8:8 + length])['tokenizer.spm']['data_offsets']
sys.stdout.buffer.write(data[8 + length + begin:8 + length + end])
END
compare bundled "$work/bundled.model"

IFS=: read -ra named <<<"${SPM_MODELS:-}"
for model in "${named[@]}"; do
    compare "$model" "$model"
done
finish
