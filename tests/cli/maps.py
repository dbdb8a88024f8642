"""Heat maps as a person sees them: colours by the terminal, widths, wide and combining characters, Hebrew. Part of
run_cli.sh.

usage: maps.py PROGRAM WORK ROOT
"""

import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import unicodedata

program, work, root = sys.argv[1:4]
passed = failed = 0
TEXT = "The woman with the green hat has not been waiting for the bus in Berlin."
ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
LEFT_TO_RIGHT = "\u200e"


def check(name, good, *shown):
    global passed, failed
    if good:
        passed += 1
    else:
        failed += 1
        print("not ok maps:", name, *map(repr, shown))


def look(*arguments, columns=80, **environment):
    """What attend shows on a terminal of so many columns: lines."""
    pid, fd = pty.fork()
    if pid == 0:
        fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        env = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "COLORTERM", "COLUMNS", "TERM")}
        os.execve(program, [program, "attend", "-j1", *arguments], {**env, **environment})
    shown = b""
    while True:
        try:
            data = os.read(fd, 65536)
        except OSError:  # Linux says so when the other side is closed
            break
        if not data:
            break
        shown += data
    os.close(fd)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    check(f"{arguments} on {environment}: exit 0", status == 0, status, shown[-200:])
    return shown.decode().replace("\r\n", "\n").split("\n")


def width(text):
    """Columns on a terminal, as wcwidth counts them."""
    total = 0
    for c in ESCAPE.sub("", text):
        if unicodedata.category(c) in ("Mn", "Me", "Cf"):
            continue
        total += 2 if unicodedata.east_asian_width(c) in "WF" else 1
    return total


def blocks(lines):
    """The map's blocks, each a header and rows; without title and legend."""
    start = next(i for i, line in enumerate(lines) if re.match(r"(en|de)coder self-attention|cross-attention", line))
    out = [[]]
    for line in lines[start + 1:]:
        if line.startswith("0 "):  # the legend
            return [b for b in out if b]
        if line.strip():
            out[-1].append(line)
        else:
            out.append([])
    return []


def record(*arguments):
    done = subprocess.run([program, "attend", "--json=-", *arguments], capture_output=True, check=True)
    return json.loads(done.stdout)["sentences"]


def cells(row):
    """[(column where it begins, percent)] of a row in colour."""
    out, at = [], 0
    for part in re.split(r"(\x1b\[[0-9;]+m[^\x1b]*\x1b\[0m)", row):
        if part.startswith("\x1b"):
            out.append((at, ESCAPE.sub("", part).strip()))
        at += width(part)
    return out


def modes():
    for name, environment, wanted in (
        ("256 colours", {"TERM": "xterm-256color"}, "256"), ("truecolor", {"TERM": "xterm", "COLORTERM": "truecolor"}, "true"),
        ("24bit", {"TERM": "screen-256color", "COLORTERM": "24bit"}, "true"), ("-direct", {"TERM": "xterm-direct"}, "true"),
        ("NO_COLOR", {"TERM": "xterm-256color", "NO_COLOR": "1"}, ""), ("dumb", {"TERM": "dumb", "COLORTERM": "truecolor"}, ""),
        ("an empty NO_COLOR", {"TERM": "xterm-256color", "NO_COLOR": ""}, "256"), ("vt100", {"TERM": "vt100"}, ""),
        ("no TERM", {}, ""), ("NO_COLOR and truecolor", {"TERM": "xterm", "COLORTERM": "truecolor", "NO_COLOR": "x"}, ""),
    ):
        text = "\n".join(look(TEXT, **environment))
        found = "true" if "48;2;" in text else "256" if "48;5;" in text else "\x1b" if "\x1b" in text else ""
        check(f"{name}: colours", found == wanted, found)
        for head in ("all", "3"):
            text = "\n".join(look(TEXT, "--head", head, **environment))
            check(f"{name}, --head {head}", ("\x1b" in text) == bool(wanted))
    plain = "\n".join(look("The dog barks.", TERM="dumb"))
    check("plain: ASCII but for the text", all(ord(c) < 128 for c in plain.split("\n", 1)[1]), plain)
    piped = subprocess.run([program, "attend", "The dog barks."], capture_output=True, text=True,
                           env={**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}).stdout
    check("not a terminal: as on a dumb one", piped == plain, piped)


def fits():
    for columns in (30, 50, 80, 200):
        for options in ([], ["--kind", "enc"], ["--kind", "dec", "--layer", "0"], ["--head", "all"], ["--kind", "enc", "--head", "all"]):
            for environment in ({"TERM": "dumb"}, {"TERM": "xterm-256color"}):
                lines = look(TEXT, *options, columns=columns, **environment)
                found = blocks(lines)
                longest = max(map(width, lines[1:]))  # the first line is the translation
                check(f"{options} fits {columns} columns", found and longest <= columns, longest)
                if "all" not in options:
                    check(f"{options}: rows of a block are equally wide",
                          all(len({width(line) for line in block[1:]}) == 1 for block in found))
    wide, narrow = blocks(look(TEXT, columns=200, TERM="dumb")), blocks(look(TEXT, columns=50, TERM="dumb"))
    check("a narrow terminal gets more than one block", len(wide) == 1 and len(narrow) > 2, len(wide), len(narrow))
    check("with every piece in one of them", [p for b in wide for p in b[0].split()] == [p for b in narrow for p in b[0].split()])
    check("and a row for every step", len({len(b) for b in wide + narrow}) == 1)
    piped = subprocess.run([program, "attend", TEXT], capture_output=True, text=True, env={**os.environ, "COLUMNS": "44"}).stdout
    check("COLUMNS counts in a pipe", max(map(width, piped.split("\n")[1:])) <= 44)


def numbers():
    """The percentages in the cells are those of the JSON file, in their places."""
    for options, kind, layer, head in (([], "cross", 1, None), (["--kind", "dec", "--layer", "0", "--head", "2"], "decoder_self", 0, 2),
                                       (["--kind", "enc", "--head", "5"], "encoder_self", 5, 5)):
        a = record(TEXT)[0]
        maps = a[kind]["probabilities"][layer]
        block, = blocks(look(TEXT, *options, columns=400, TERM="xterm-256color"))
        rows = [cells(line) for line in block[1:]]
        check(f"{kind}: rows and columns", [len(rows), len(rows[0])] == a[kind]["shape"][2:], len(rows), len(rows[0]))
        names = block[0].split()
        starts = [m.start() for m in re.finditer(r"(?<= )\S", block[0])]
        check(f"{kind}: a column begins at its piece", [at + 1 for at, _ in rows[0]] == starts, rows[0], starts)
        check(f"{kind}: names", names == a[a[kind]["axes"][3]], names)
        wrong = []
        for t, row in enumerate(rows):
            for j, (_, text) in enumerate(row):
                p = maps[head][t][j] if head is not None else sum(h[t][j] for h in maps) / len(maps)
                if abs(p - (float(text) / 100 if text else 0)) > 0.0051:
                    wrong.append((t, j, p, text))
        check(f"{kind}: percentages", not wrong, wrong[:5])


def respell(path, pieces):
    """A copy of the tiny model with other pieces: {old: new}."""
    with open(os.path.join(root, "tests/golden/tiny-swish.safetensors"), "rb") as f:
        data = f.read()
    size = int.from_bytes(data[:8], "little")
    header, data = json.loads(data[8:8 + size]), data[8 + size:]
    start, end = header["tokenizer.spm"]["data_offsets"]
    spm = data[start:end]
    for old, new in pieces.items():
        old, new = old.encode(), new.encode()
        spm_piece = lambda s: bytes([10, 7 + len(s), 10, len(s)]) + s + b"\x15"
        check(f"the tiny model has a piece {old}", spm.count(spm_piece(old)) == 1)
        spm = spm.replace(spm_piece(old), spm_piece(new))
    grown = len(spm) - (end - start)
    for name, tensor in header.items():
        if name != "__metadata__" and tensor["data_offsets"][0] >= end:
            tensor["data_offsets"] = [at + grown for at in tensor["data_offsets"]]
    header["tokenizer.spm"]["data_offsets"][1] += grown
    header["tokenizer.spm"]["shape"] = [len(spm)]
    for part in ("tokenizer.trie", "tokenizer.trie_bytes"):  # of the old pieces: without it one is built
        header["old " + part] = header.pop(part)
    text = json.dumps(header, ensure_ascii=False).encode()
    text += b" " * (-(len(text) + 8) % 64)
    with open(path, "wb") as f:
        f.write(len(text).to_bytes(8, "little") + text + data[:start] + spm + data[end:])


def scripts():
    """Wide characters, combining marks, Hebrew, and a character that would turn the direction of writing."""
    model = work + "/scripts.safetensors"
    respell(model, {"W": "狐狸", "Ä": "e\u0301\u0323", "?": "שלום", "q": "\u202eq", "k": "한"})
    text, given = "How 狐狸 are you \u202eq e\u0301\u0323 k한 and שלום", "한 you שלום\u202eq 狐狸 e\u0301\u0323"
    options = ("-m", model, "-t", "de", "--target", given, text)
    a = record(*options)[0]
    for side in ("source_pieces", "target_pieces"):
        check(f"{side} are there", {"狐狸", "e\u0301\u0323", "שלום", "\u202eq", "한"} <= set(a[side]), a[side])
    for environment in ({"TERM": "dumb"}, {"TERM": "xterm-256color"}):
        lines = look(*options, columns=400, **environment)
        block, = blocks(lines)
        check("equally wide rows of other scripts", len({width(line) for line in block[1:]}) == 1, [width(b) for b in block])
        check("nothing turns the direction of writing", "\u202e" not in "".join(block))
        check("Hebrew stays in its place", f"{LEFT_TO_RIGHT}שלום{LEFT_TO_RIGHT}" in block[0])
        if environment["TERM"] != "dumb":
            at = [start for start, _ in cells(block[1])]
            pieces, where = re.split(r" +", block[0].strip()), []
            for match in re.finditer(r"(?<= )[^ ]", block[0]):
                where.append(width(block[0][:match.start()]))
            check("columns under their pieces", [x + 1 for x in at] == where, at, where, pieces)


for part in (modes, fits, numbers, scripts):
    try:
        part()
    except Exception as error:  # a part that breaks is one failure, not the end
        check(f"{part.__name__}: {error!r}", False)
print(f"tally {passed} {failed} 0")
