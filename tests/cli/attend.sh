# attend, --align and --report: what is printed and written, and what is refused. Maps are in maps.py.
gold=$root/tests/align/gold.tsv
printf 'I lost my keys yesterday.\n\n12 - 13\n  Where is the train station? Thank you.\t5\nThe dog' >"$work/text"

# The translation comes first, as without attend; then a map for each sentence.
for text in 'Good morning! Where is the station?' '12 Good morning.' 'The dog is not here.'; do
    run "$dragoman" "$text"; cp "$work/out" "$work/want"
    run "$dragoman" attend "$text"
    head -n 1 "$work/out" >"$work/first"
    same "attend: the translation of '$text'" "$work/want" "$work/first"
    holds 'attend: nothing on stderr' [ "$status" -eq 0 -a ! -s "$work/err" ]
done
run "$dragoman" attend 'Good morning! Where is the station?'
holds 'attend: a map for each sentence' [ "$(grep -c '^cross-attention, layer 1, mean of 8 heads' "$work/out")" -eq 2 ]
lacks 'attend: no escapes in a file' grep -q $'\033' "$work/out"
cp "$work/out" "$work/want"
printf 'Good morning! Where is the station?\n' >"$work/in"
run "$dragoman" attend -i "$work/in"; same 'attend -i' "$work/want" "$work/out"
run "$dragoman" attend <"$work/in"; same 'attend, standard input' "$work/want" "$work/out"
run "$dragoman" attend -i "$work/in" -o "$work/map"; same 'attend -o' "$work/want" "$work/map"
run "$dragoman" attend -j4 -i "$work/in"; same 'attend -j4' "$work/want" "$work/out"
run "$dragoman" attend --kind=cross --layer=1 --head=mean -i "$work/in"; same 'attend: the defaults' "$work/want" "$work/out"
for kind in enc dec; do
    for head in 0 7 all mean; do
        run "$dragoman" attend --kind $kind --layer 0 --head $head 'Good morning.'
        holds "attend --kind $kind --head $head" [ "$status" -eq 0 -a "$(grep -c 'coder self-attention, layer 0' "$work/out")" -eq 1 ]
    done
done
run "$dragoman" attend --head all 'Good morning.'
holds 'attend --head all: eight maps' [ "$(grep -o 'head [0-7]' "$work/out" | sort -u | wc -l)" -eq 8 ]

# Nothing to look at.
run "$dragoman" attend 12; expect 'attend: a text that is copied' 0 '12\n' 'no sentence was translated'
run "$dragoman" attend -q 12; expect 'attend -q: a text that is copied' 0 '12\n' ''
feed '' "$dragoman" attend -q; expect 'attend: no text' 0 '\n' ''
feed '\n\n' "$dragoman" attend -q; expect 'attend: blank lines' 0 '\n\n' ''
run "$dragoman" attend -q 你好世界; expect 'attend: another script' 0 '你好世界\n' ''

# A translation that is given.
run "$dragoman" attend --target='Der Hund schläft.' 'The dog sleeps.'
holds 'attend --target' grep -q '^_schl' "$work/out"
holds 'attend --target: it comes first' [ "$(head -n 1 "$work/out")" = 'Der Hund schläft.' ]
run "$dragoman" attend --align --target='Der Hund schläft.' 'The dog sleeps.'; expect 'attend --align --target' 0 '0-0 1-1 2-2\n' ''
printf 'The dog sleeps.\tDer Hund schläft.\tx\n' >"$work/in"
run "$dragoman" attend --align --pairs -i "$work/in"; expect 'attend --align --pairs' 0 '0-0 1-1 2-2\n' ''
printf 'a\tb\nno tabulator\n' >"$work/in"
run "$dragoman" attend --pairs --align -i "$work/in"
holds 'attend --pairs without a tabulator' [ "$status" -eq 5 -a "$(cat "$work/err")" = "dragoman: $work/in:2: found no tabulator, want SOURCE<tab>TRANSLATION" ]
printf 'a\t%s\n' "$(seq -s ' ' 1000)" >"$work/in"
run "$dragoman" attend --pairs -i "$work/in"; expect 'attend --pairs: too long' 2 '' 'found 1 and [0-9]+ pieces, want at most 128'

# Word pairs: a line for a line, and the translations as ever.
"$dragoman" -i "$work/text" -o "$work/want"
run "$dragoman" -i "$work/text" --align="$work/pairs"
same '--align: the translations' "$work/want" "$work/out"
holds '--align: a line for a line' [ "$(wc -l <"$work/pairs")" -eq "$(wc -l <"$work/text")" -a "$(grep -c '' "$work/pairs")" -eq 5 ]
holds '--align: a blank line for a blank line' [ -z "$(sed -n 2p "$work/pairs")" ]
holds '--align: what is copied goes with itself' [ "$(sed -n 3p "$work/pairs")" = '0-0 1-1 2-2' ]
lacks '--align: pairs and nothing else' grep -qvE '^([0-9]+-[0-9]+( [0-9]+-[0-9]+)*)?$' "$work/pairs"
rm -f "$work/out2"
for form in '--align' '--align=-' '--align -j4' "--align -o $work/out2"; do
    run "$dragoman" attend -i "$work/text" $form
    [ ! -f "$work/out2" ] || mv "$work/out2" "$work/out"
    same "attend $form" "$work/pairs" "$work/out"
done
cat "$work/text" | "$dragoman" attend --align >"$work/out"; same 'attend --align in a pipe' "$work/pairs" "$work/out"
run "$dragoman" -i "$work/text" -o "$work/out2" --align; same '--align and -o' "$work/pairs" "$work/out"
same '--align and -o: the translations' "$work/want" "$work/out2"
run "$dragoman" --align="$work/none/x" 12 -o "$work/kept2"; expect '--align in no directory' 6 '' 'none/x: .*No such file'
holds '--align in no directory: no translation either' [ ! -e "$work/kept2" ]
run "$dragoman" --align=/dev/full -i "$work/text" -o "$work/kept2"; expect '--align=/dev/full' 6 '' '^dragoman: /dev/full: .*No space'
holds 'a failure leaves neither file' [ ! -e "$work/kept2" -a -z "$(find "$work" -name '.dragoman-*')" ]
run "$dragoman" attend --align --pairs -i "$gold"; cp "$work/out" "$work/pairs"
error_rate=$("$python" -c '
import sys
links = [[set(line.rstrip("\n").split("\t")[column].split()) for line in open(path)]
         for path, column in ((sys.argv[1], 2), (sys.argv[2], 0))]
right, all = sum(len(a & b) for a, b in zip(*links)), sum(map(len, links[0] + links[1]))
print(round(100 - 200 * right / all) if len(links[0]) == len(links[1]) else 100)' "$gold" "$work/pairs")
holds "--align: alignment error rate $error_rate %, want at most 25" [ "$error_rate" -le 25 ]

# JSON: every number, with shapes and names.
run "$dragoman" attend --json "$work/json" 'Say "hello"	to Anna. 12 Good morning!'
expect 'attend --json: nothing on stdout' 0 '' ''
holds 'attend --json' "$python" - "$work/json" <<'PYTHON'
import json, struct, sys
d = json.load(open(sys.argv[1], encoding="utf-8"))
assert len(d["sentences"]) >= 2
for s in d["sentences"]:
    S, T = len(s["source_pieces"]), len(s["target_pieces"])
    assert len(s["source_words"]) == S and len(s["target_words"]) == T and len(s["decoder_inputs"]) == T
    for kind, shape in (("encoder_self", [6, 8, S, S]), ("decoder_self", [2, 8, T, T]), ("cross", [2, 8, T, S])):
        m = s[kind]
        assert m["shape"] == shape and len(m["axes"]) == 4
        assert [len(m["probabilities"]), len(m["probabilities"][0])] == shape[:2]
        for layer in m["probabilities"]:
            for head in layer:
                assert len(head) == shape[2]
                for t, row in enumerate(head):
                    assert len(row) == shape[3] and abs(sum(row) - 1) < 1e-5
                    assert kind != "decoder_self" or not any(row[t + 1:])
                    for p in row:  # written with enough digits for the float it was
                        f = struct.unpack("f", struct.pack("f", p))[0]
                        assert float("%.9g" % f) == p
PYTHON
"$dragoman" attend --json=- 'Say "hello"	to Anna. 12 Good morning!' >"$work/out"; same 'attend --json=-' "$work/json" "$work/out"
run "$dragoman" attend -q --json=- 12
holds 'attend --json: no sentences' "$python" -c 'import json, sys; assert json.load(open(sys.argv[1]))["sentences"] == []' "$work/out"
run "$dragoman" attend --json=- --pairs -i "$gold"
holds 'attend --json --pairs' "$python" -c 'import json, sys; assert len(json.load(open(sys.argv[1]))["sentences"]) == 70' "$work/out"
run "$dragoman" attend --json=/dev/full 'Good morning.'; expect 'attend --json=/dev/full' 6 '' '/dev/full: .*No space'
"$dragoman" attend 'Good morning.' >/dev/full 2>"$work/err"; status=$?; : >"$work/out"
expect 'attend, standard output full' 6 '' 'standard output: .*No space'

# Figures and pages; what they show is tested in tests/pages.
for kind in enc dec cross; do
    for head in all mean 1; do
        run "$dragoman" attend -m "$root/tests/golden/tiny-i8.safetensors" --kind "$kind" --head "$head" \
            --svg "$work/figure" --html "$work/page" --json "$work/json" "a <b> & \"é ש\"$(printf '\1\177')"
        expect "attend --svg --html --kind $kind --head $head" 0 '' ''
        holds "attend --svg --kind $kind --head $head: XML" "$python" -c \
            'import sys, xml.dom.minidom as m; assert m.parse(sys.argv[1]).getElementsByTagName("path")' "$work/figure"
        holds "attend --html --kind $kind --head $head: to its end" [ "$(tail -n 1 "$work/page")" = '</html>' ]
        holds "attend --json beside them" "$python" -c 'import json, sys; json.load(open(sys.argv[1]))' "$work/json"
    done
done
run "$dragoman" attend --svg=- 'Good morning.'
holds 'attend --svg=-' [ "$status" -eq 0 -a "$(tail -n 1 "$work/out")" = '</svg>' ]
run "$dragoman" attend -q --svg "$work/figure" --html "$work/page" 12
expect 'attend --svg --html: no sentences' 0 '' ''
holds 'attend --svg: no sentences' [ -s "$work/figure" ]
holds 'attend --html: no sentences' [ -s "$work/page" ]
for option in svg html; do
    run "$dragoman" attend "--$option=/dev/full" 'Good morning.'
    expect "attend --$option=/dev/full" 6 '' '/dev/full: .*No space'
    run "$dragoman" attend "--$option=$work/none/x" 12
    expect "attend --$option in no directory" 6 '' 'none/x: .*No such file'
done

# The report.
run "$dragoman" attend --report "$gold"
holds 'attend --report: every head' [ "$(grep -cE '^ +[0-5] +[0-7] ' "$work/out")" -eq 80 ]
holds 'attend --report: against links' grep -q 'against 476 links given' "$work/out"
holds 'attend --report: percent from 0 to 100' awk 'NF > 10 && $1 ~ /^[0-9]+$/ { for (i = 5; i <= 10; i++) if ($i < 0 || $i > 100) exit 1 }' "$work/out"
cut -f1,2 "$gold" >"$work/in"
run "$dragoman" attend --report "$work/in"
holds 'attend --report: against names' grep -qE 'against [0-9]+ names and numbers' "$work/out"
cut -f1 "$work/text" >"$work/in"
run "$dragoman" attend --report "$work/in"
holds 'attend --report: text' grep -q '^5 lines, 4 sentences' "$work/out"
run "$dragoman" attend --report /dev/null
expect 'attend --report: an empty file' 0 '0 lines, 0 sentences, 0 source and 0 target pieces\n' ''
run "$dragoman" attend --report "$work/none"; expect 'attend --report: no such file' 5 '' "$work/none: .*No such file"
for links in 0 0- -0 0-x 0-0x '0-0,1-1'; do
    printf 'a\tb\t%s\n' "$links" >"$work/in"
    run "$dragoman" attend --report "$work/in"; expect "attend --report: links $links" 5 '' "$work/in:1: want links like 0-0 1-2"
done

# What makes no sense.
wrong() {
    local message=$1
    shift
    feed '12\n' "$dragoman" "$@"
    expect "usage: $*" 2 '' "^dragoman: $message"
}
wrong "--kind: want enc, dec or cross, found 'x'" attend --kind x
wrong "--kind: want enc, dec or cross, found ''" attend --kind=
wrong '--layer: want a number from 0 to 1, found 2' attend --layer 2
wrong '--layer: want a number from 0 to 5, found 6' attend --kind enc --layer 6
wrong "--layer: want a number.*'-1'" attend --layer=-1
for head in 8 -1 '' x 1x +1 0x1 99999999999999999999 meanx; do
    wrong "--head: want a number from 0 to 7, all or mean, found '${head/+/[+]}'" attend --head="$head"
done
wrong 'both --pairs and --target' attend --pairs --target x
wrong 'both --align and --json' attend --align --json=-
wrong 'both --align and --svg' attend --align --svg=x
wrong 'both --html and --report' attend --html=x --report x
wrong 'both --svg and --output' attend --svg=x -o y
wrong "--svg and --html: want a file for one of them, found '-'" attend --svg=- --html=-
wrong 'both --align and --report' attend --align --report x
wrong 'both --json and --report' attend --json=- --report x
wrong 'both --report and TEXT' attend --report x y
wrong 'both --report and --input' attend --report x -i y
wrong '--align: want a file' --align
wrong '--align: want a file' --align=- -o -
wrong '--kind does not go with translating' --kind enc
wrong '--json does not go with inspect' inspect --json x
wrong "--to: found 'xx'" attend -t xx
wrong 'unknown option --svgx' attend --svgx
