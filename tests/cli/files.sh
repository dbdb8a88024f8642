# -i and -o: what goes wrong with files, and that nothing is lost then.
cd "$work" || exit 1
leftovers() {
    [ -z "$(find "$work" -name '.dragoman-*')" ]
}

# Input.
run "$dragoman" -i "$work/none"; expect 'no such input' 5 '' "^dragoman: $work/none: .*No such file"
run "$dragoman" -i "$work"; expect 'a directory as input' 5 '' "^dragoman: $work: found a directory"
run "$dragoman" <"$work"; expect 'a directory as standard input' 5 '' '^dragoman: standard input: found a directory'
run "$dragoman" -i ''; expect 'an empty name as input' 5 '' 'No such file'
run "$dragoman" -i /proc/self/mem; expect 'an input that fails' 5 '' '^dragoman: /proc/self/mem: .*read'
feed '12\n' "$dragoman" -i -; expect '-i - is the standard input' 0 '12\n' ''
printf '12\n' >./-x; run "$dragoman" -i -x; expect 'an input that looks like an option' 0 '12\n' ''
mkfifo fifo
printf '12\n' >fifo &
run "$dragoman" -i fifo; expect 'a FIFO as input' 0 '12\n' ''
wait $!
run "$dragoman" -i /dev/null; expect '/dev/null as input' 0 '' ''

# Output.
seq 1 2000 >numbers
run "$dragoman" -i numbers -o copy; expect '-o: nothing on stdout' 0 '' ''
same '-o' numbers copy
holds '-o: permissions of a new file' [ "$(stat -c %a copy)" = "$(printf '%o' $((0666 & ~0$(umask))))" ]
(umask 077; "$dragoman" 12 -o private)
holds '-o: the umask counts' [ "$(stat -c %a private)" = 600 ]
run "$dragoman" 12 -o private -t de; printf '12\n' >want
same 'TEXT and -o' want private
chmod 640 private
run "$dragoman" 34 -o private
holds '-o: permissions of the old file' [ "$(stat -c %a private)" = 640 ]
ln -s private link
run "$dragoman" 56 -o link
holds '-o: a link stays one' [ -L link -a "$(cat private)" = 56 ]
ln -s nowhere dangling
run "$dragoman" 78 -o dangling
holds '-o: a link to a file that is not there' [ -L dangling -a "$(cat nowhere)" = 78 ]
cp numbers both
run "$dragoman" -i both -o both; expect '-i and -o the same' 0 '' ''
same '-i and -o the same' numbers both
run "$dragoman" 12 -o -; expect '-o - is the standard output' 0 '12\n' ''
run "$dragoman" -i /dev/null -o empty
holds '-o: an empty file for an empty one' [ -f empty -a ! -s empty ]
run "$dragoman" 12 -o /dev/null; expect '-o /dev/null' 0 '' ''
holds '-o /dev/null stays a device' [ -c /dev/null ]
run "$dragoman" 12 -o /dev/stdout; holds '-o /dev/stdout' [ "$status" -eq 0 ]
cat fifo >out2 &
run "$dragoman" 12 -o fifo; wait $!
holds '-o to a FIFO' [ "$status" -eq 0 -a -p fifo -a "$(cat out2)" = 12 ]

# Output that fails.
run "$dragoman" 12 -o /dev/full; expect '-o /dev/full' 6 '' '^dragoman: /dev/full: .*No space'
"$dragoman" 12 >/dev/full 2>err; status=$?
expect 'standard output full' 6 '' '^dragoman: standard output: .*No space'
"$dragoman" -i numbers >/dev/full 2>err; status=$?
expect 'standard output full, long' 6 '' '^dragoman: standard output: .*No space'
for command in --help --version inspect 'tokenize 12'; do
    "$dragoman" $command >/dev/full 2>err; status=$?
    expect "$command, full" 6 '' '^dragoman: standard output: .*No space'
done
run "$dragoman" 12 -o none/x; expect '-o in no directory' 6 '' '^dragoman: none/x: .*No such file'
run "$dragoman" 12 -o "$work"; expect '-o a directory' 6 '' "^dragoman: $work: .*directory"
run "$dragoman" 12 -o new/; expect '-o with a final slash' 6 '' '^dragoman: new/: '
run "$dragoman" 12 -o ''; expect '-o without a name' 6 '' '^dragoman: : '
cp numbers kept
(ulimit -f 1; exec "$dragoman" -i numbers -o kept >out 2>err); status=$?
expect '-o beyond the limit' 6 '' '^dragoman: kept: .*too large'
same 'a failure leaves the old file' numbers kept
run "$dragoman" -i /proc/self/mem -o kept; expect 'input fails, with -o' 5 ''
same 'failing input leaves the old file' numbers kept
run "$dragoman" -t xx 12 -o kept; expect 'usage error, with -o' 2 ''
same 'a usage error leaves the old file' numbers kept
holds 'no temporary file is left' leftovers

# Without the rights. root may do anything, so become somebody else.
mkdir -m 755 open && mkdir -m 777 shared
cp "$dragoman" open/program && cp "$model" open/model.safetensors && chmod 755 open/program && chmod 644 open/model*
printf '12\n' >open/secret && cp "$model" open/closed.safetensors && chmod 000 open/secret open/closed.safetensors
somebody=() able=
[ "$(id -u)" -ne 0 ] || somebody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
run "${somebody[@]}" env HOME=/ open/program -m "$work/open/model.safetensors" 12
if [ "$status" -eq 0 ]; then
    run "${somebody[@]}" open/program -m ./open/model.safetensors -i open/secret
    expect 'unreadable input' 5 '' '^dragoman: open/secret: .*Permission denied'
    run "${somebody[@]}" open/program -m ./open/closed.safetensors 12
    expect 'unreadable model' 3 '' 'open/closed.safetensors: .*Permission denied'
    run "${somebody[@]}" open/program -m ./open/model.safetensors 12 -o open/new
    [ "$(id -u)" -ne 0 ] || expect 'unwritable directory' 6 '' '^dragoman: open/new: .*Permission denied'
    cp numbers shared/frozen && chmod 444 shared/frozen
    run "${somebody[@]}" open/program -m ./open/model.safetensors 12 -o shared/frozen
    expect 'a file that may not be written' 6 '' '^dragoman: shared/frozen: .*Permission denied'
    same 'and is not' numbers shared/frozen
    able=1

    # No thread can be started: libgomp exits where there is work for two.
    if command -v prlimit >/dev/null; then
        feed "$(printf 'Where is the station?\\n%.0s' {1..60})" "${somebody[@]}" prlimit --nproc=1 \
            open/program -j2 -m ./open/model.safetensors -o shared/thread
        expect 'no thread' 1 '' 'Thread creation failed'
        holds 'no thread: no temporary file is left' leftovers
    else
        skip 'no thread: no prlimit'
    fi
else
    skip 'files without the rights'
fi

# A file that can be written and not replaced: its directory is somebody else's.
if [ "$(id -u)" -eq 0 ] && [ -n "$able" ]; then
    mkdir -m 1777 sticky
    cp numbers sticky/file && cp numbers open/file && chmod 666 sticky/file open/file
    for place in sticky open; do
        run "${somebody[@]}" open/program -m ./open/model.safetensors -i $place/file -o $place/file
        expect "-i and -o in place: $place" 0 '' ''
        same "-i and -o in place: $place" numbers $place/file
        run "${somebody[@]}" open/program -m ./open/model.safetensors 12 -o $place/file
        expect "in place: $place" 0 '' ''
        holds "in place: $place, the file" [ "$(stat -c %a%u $place/file)=$(cat $place/file)" = 6660=12 ]
    done
    holds 'in place: no temporary file is left' leftovers
    holds 'in place: nor in /tmp' [ -z "$(find /tmp -maxdepth 1 -name '.dragoman-*' -user 65534 -mmin -1)" ]
    timeout 20 "${somebody[@]}" open/program -m ./open/model.safetensors -i fifo -o sticky/file >out 2>err &
    exec 3<>fifo
    for _ in {1..100}; do leftovers || break; sleep 0.05; done
    chmod 644 sticky/file
    echo 34 >&3
    exec 3>&-
    wait $!; status=$?
    expect 'not in place either' 6 '' "^dragoman: sticky/file: can't be replaced: .*; the translation is in .*/.dragoman-"
    holds 'the translation is kept' [ "$(cat sticky/.dragoman-*)" = 34 ]
    rm -f sticky/.dragoman-*
    cp numbers owned && chown 65534:65534 owned
    "$dragoman" 12 -o owned
    holds 'the owner stays' [ "$(stat -c %u:%g owned)=$(cat owned)" = 65534:65534=12 ]
    : >mounted
    if unshare -m mount --bind numbers mounted 2>/dev/null; then
        cp numbers under
        run unshare -m bash -c 'mount --bind under mounted && "$0" 12 -o mounted' "$dragoman"
        expect 'a file that is mounted' 0 '' ''
        holds 'a file that is mounted, in place' [ "$(cat under)" = 12 ]
    else
        skip 'a file that is mounted'
    fi
else
    skip 'files that can not be replaced: not root'
fi

# Memory: a line that does not fit.
if bash -c 'ulimit -v 400000; "$0" --version; exit $?' "$dragoman" >/dev/null 2>&1; then
    (ulimit -v 400000; head -c 500000000 /dev/zero | "$dragoman" -j1 >out 2>err; exit "${PIPESTATUS[1]}")
    status=$?
    expect 'out of memory' 7 '' '^dragoman: out of memory'
else
    skip 'out of memory'
fi
cd "$root" || exit 1
