# Where a model is found, and what is said when it is not or when it is damaged.
if [ -z "$model" ]; then
    skip 'models: no default model'
    return
fi
mkdir -p "$work/m/bin/models" "$work/m/share/dragoman" "$work/m/path1" "$work/m/path2" "$work/m/data/dragoman" \
    "$HOME/.local/share/dragoman" "$work/m/elsewhere"
cp "$dragoman" "$work/m/bin/program"
program=$work/m/bin/program
cd "$work/m/elsewhere" || exit 1

# at NAME PATH COMMAND...: with the model at PATH, COMMAND works; without it, not (if it asks for the name `odd`)
at() {
    local name=$1 path=$2
    shift 2
    ln -s "$model" "$path"
    run "$@" 12
    expect "model: $name" 0 '12\n' ''
    rm "$path"
    run "$@" 12
    expect "model: $name, gone" 3 '' "^dragoman: "
}
at 'in $DRAGOMAN_PATH' "$work/m/path1/odd" env DRAGOMAN_PATH="$work/m/path1:$work/m/path2" "$program" -m odd
at 'second in $DRAGOMAN_PATH' "$work/m/path2/odd.safetensors" \
    env DRAGOMAN_PATH=":$work/m/path1::$work/m/path2" "$program" -m odd
at 'in $XDG_DATA_HOME' "$work/m/data/dragoman/odd.safetensors" env XDG_DATA_HOME="$work/m/data" "$program" -m odd
at 'in ~/.local/share' "$HOME/.local/share/dragoman/odd.safetensors" "$program" -m odd
at 'beside the program' "$work/m/bin/odd.safetensors" "$program" -m odd
at "in the program's models" "$work/m/bin/models/odd.safetensors" "$program" --model=odd
at 'in ../share/dragoman' "$work/m/share/dragoman/odd.safetensors" "$program" -m odd
at 'by its full file name' "$work/m/bin/models/odd.safetensors" "$program" -m odd.safetensors
at 'a path' "$work/m/odd" "$program" -m ../odd
at 'a file of the working directory' odd "$program" -m odd
at '$DRAGOMAN_MODEL' "$work/m/path1/odd" env DRAGOMAN_PATH="$work/m/path1" DRAGOMAN_MODEL=odd "$program"
at '$DRAGOMAN_MODEL, a path' "$work/m/odd" env DRAGOMAN_MODEL="$work/m/odd" "$program"

# The default, from anywhere and by any name of the program.
name=$(basename "$model")
ln -s "$model" "$work/m/share/dragoman/$name"
run "$program" 12; expect 'the default model' 0 '12\n' ''
run env -C / "$program" 12; expect 'from /' 0 '12\n' ''
run env -C ../bin ./program 12; expect 'a relative path to the program' 0 '12\n' ''
ln -s "$program" link
run ./link 12; expect 'a symbolic link to the program' 0 '12\n' ''
run env PATH="$work/m/bin:$PATH" program 12; expect 'the program in $PATH' 0 '12\n' ''
run env -i "$program" 12; expect 'no environment' 0 '12\n' ''
run env DRAGOMAN_MODEL= "$program" 12; expect 'an empty $DRAGOMAN_MODEL is none' 0 '12\n' ''
: >"${name%.safetensors}"
run "$program" 12; expect 'a file of that name in the working directory is not the default' 0 '12\n' ''
mkdir odd
run "$program" -m odd 12; expect 'a directory of that name' 3 '' "model 'odd' not found"

# Not there: the message names the model and the places.
run env DRAGOMAN_PATH="$work/m/path1" XDG_DATA_HOME="$work/m/data" "$program" -m nosuch 12
expect 'no such model' 3 '' "^dragoman: model 'nosuch' not found.*nosuch.safetensors"
for place in path1 data/dragoman bin bin/models share/dragoman; do
    holds "the message names $place" grep -q "$work/m/.*$place" "$work/err"
done
run "$program" -m ./nosuch 12; expect 'no such file' 3 '' '^dragoman: ./nosuch: .*No such file'
run "$program" -m "$work/m" 12; expect 'a directory as a model' 3 '' "^dragoman: $work/m: .*directory"
run "$program" inspect nosuch; expect 'inspect: no such model' 3 '' "model 'nosuch' not found"
run "$program" tokenize -m nosuch 12; expect 'tokenize: no such model' 3 '' "model 'nosuch' not found"
run "$program" tokenize --spm nosuch 12; expect 'tokenize: no such --spm' 3 '' '^dragoman: nosuch: '
ln -s loop loop
run "$program" -m ./loop 12; expect 'a loop of links' 3 '' '^dragoman: ./loop: '

# Damaged: status 4.
: >empty
head -c 1000 "$model" >short
head -c -1 "$model" >shorter
head -c 5000 /dev/urandom >noise
printf 'text\n\033[31m' >text
for damaged in empty short shorter noise text; do
    run "$program" -m "./$damaged" 12
    expect "damaged model: $damaged" 4 '' "^dragoman: ./$damaged: "
    lacks "damaged model: $damaged: no control characters" grep -q $'\033' "$work/err"
done
run "$program" inspect ./noise; expect 'inspect: damaged' 4 ''
run "$program" tokenize --spm ./noise 12; expect 'tokenize: damaged --spm' 4 '' '^dragoman: ./noise: '

# inspect.
run "$program" inspect "$model"
cp "$work/out" "$work/inspect"
holds 'inspect: exit 0' [ "$status" -eq 0 -a ! -s "$work/err" ]
holds 'inspect: SHA-256' grep -q "^SHA-256 *$(sha256sum <"$model" | cut -d' ' -f1)$" "$work/inspect"
holds 'inspect: size' grep -q "^size *$(stat -Lc %s "$model") bytes" "$work/inspect"
holds 'inspect: languages' grep -q '^languages *.*de' "$work/inspect"
holds 'inspect: totals' grep -qE '^[0-9]+ tensors, [0-9]+ bytes, [0-9]+ parameters' "$work/inspect"
lacks 'inspect: no control characters' grep -qP '[\x00-\x08\x0b-\x1f\x7f]' "$work/inspect"
listed=$(sed -n '/^tensor /,/^$/p' "$work/inspect" | grep -c '([0-9, ]*)')
holds 'inspect: a row a tensor' grep -q "^$listed tensors," "$work/inspect"
run "$program" inspect -m "$model"
same 'inspect -m MODEL' "$work/inspect" "$work/out"
rm -f "$work/m/share/dragoman/$name"
cd "$root" || exit 1

# Names of tensors are shown, not obeyed, and align; so are those of files.
"$python" - tests/golden/tiny-i8.safetensors "$work/names" <<'PYTHON'
import json, sys
data = open(sys.argv[1], "rb").read()
size = int.from_bytes(data[:8], "little")
header = json.loads(data[8 : 8 + size])
end = len(data) - 8 - size
for name in ("a\u202eb", "äöü", "日本"):
    header[name] = {"dtype": "F32", "shape": [16], "data_offsets": [end, end + 64]}
    end += 64
text = json.dumps(header, ensure_ascii=False).encode()
text += b" " * (-len(text) % 64)
open(sys.argv[2], "wb").write(len(text).to_bytes(8, "little") + text + data[8 + size :] + bytes(3 * 64))
PYTHON
run "$dragoman" inspect "$work/names"
holds 'inspect: a name that turns the writing' grep -qF 'a\xe2\x80\xaeb ' "$work/out"
plain=$(grep -a '^tensor ' "$work/out" | awk '{ print index($0, "dtype") }')
holds 'inspect: names align' [ "$(PYTHONUTF8=1 "$python" - "$work/out" <<'PYTHON'
import sys
rows = [line for line in open(sys.argv[1]) if line.split()[:1] and line.split()[0] in ("tensor", "äöü", "日本")]
print(*(max(row.find("F32"), row.find("dtype")) + 2 * row.startswith("日本") for row in rows))
PYTHON
)" = "$((plain - 1)) $((plain - 1)) $((plain - 1))" ]
run "$dragoman" -i "$(printf '/none/\342\200\256\342\200\250\302\205\355\240\200\300\200ä')"
expect 'a message is shown, not obeyed' 5 '' \
    '^dragoman: /none/\\xe2\\x80\\xae\\xe2\\x80\\xa8\\xc2\\x85\\xed\\xa0\\x80\\xc0\\x80ä: '

# Installed, and gone again.
installed=$work/destination
if [ -f models/en-de.safetensors ]; then
    run make -s install DESTDIR="$installed" PREFIX=/p
    holds 'make install' [ "$status" -eq 0 ]
    run env -i -C / "$installed/p/bin/dragoman" 12; expect 'the installed program' 0 '12\n' ''
    run env -i -C / "$installed/p/bin/dragoman" inspect
    holds 'the installed model' grep -q "^file  *$installed/p/.*/en-de.safetensors" "$work/out"
    run make -s uninstall DESTDIR="$installed" PREFIX=/p
    holds 'make uninstall' [ "$status" -eq 0 ]
    holds 'make uninstall: nothing is left' [ -z "$(find "$installed" -name '*dragoman*' -o -type f)" ]
else
    skip 'make install: no model'
fi
