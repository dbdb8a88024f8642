"""What a person at a terminal sees: the prompt, its history, progress, ^C. Part of run_cli.sh.

usage: terminal.py PROGRAM WORK ROOT
"""

import os
import pty
import select
import signal
import subprocess
import sys
import time

program, work = sys.argv[1:3]
passed = failed = 0


def check(name, good, *shown):
    global passed, failed
    if good:
        passed += 1
    else:
        failed += 1
        print("not ok terminal:", name, *map(repr, shown))


def translated(text, *options):
    return subprocess.run([program, "-q", *options, "--", text], capture_output=True).stdout


class Terminal:
    """The program on a terminal of its own; stdout may be a file instead."""

    def __init__(self, *arguments, stdout=None, environment=None):
        env = {**os.environ, "TERM": "xterm", "XDG_STATE_HOME": work + "/state", **(environment or {})}
        self.shown, self.seen = b"", 0
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            if stdout:
                os.dup2(os.open(stdout, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644), 1)
            os.execve(program, [program, *arguments], env)

    def read(self):
        try:
            data = os.read(self.fd, 65536)
        except OSError:  # Linux says so when the other side is closed
            data = b""
        self.shown += data
        return data

    def wait_for(self, wanted, seconds=20):
        """Read until `wanted` appears in what has not been looked at; returns that."""
        end = time.time() + seconds
        start = self.seen
        while wanted not in self.shown[start:] and time.time() < end:
            if select.select([self.fd], [], [], 0.1)[0] and not self.read():
                break
        self.seen = len(self.shown)
        time.sleep(0.1)  # the editor takes over the keyboard just after it has shown the prompt
        return self.shown[start:]

    def type(self, keys):
        os.write(self.fd, keys if isinstance(keys, bytes) else keys.encode())

    def line(self, keys):
        """Type a line, wait for the next prompt."""
        self.type(keys if isinstance(keys, bytes) else keys.encode())
        self.type(b"\n")
        return self.wait_for(b"\n> ")

    def end(self):
        """Read to the end; the exit status."""
        while self.read():
            pass
        status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        os.close(self.fd)
        return status


def read_file(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


def prompt_translates():
    terminal = Terminal("-t", "de")
    banner = terminal.wait_for(b"> ")
    check("a banner names the program, the model and the way out", b"Dragoman" in banner and b"^D" in banner, banner)
    shown = terminal.line("Good morning.")
    want = translated("Good morning.", "-t", "de").replace(b"\n", b"\r\n")
    check("a line typed is translated", want in shown, shown, want)
    check("an empty line is one", b"\r\n\r\n" in terminal.line(""))
    terminal.type(b"\x04")
    check("^D leaves", terminal.end() == 0)


def prompt_is_on_stderr():
    out = work + "/typed"
    terminal = Terminal(stdout=out)
    terminal.wait_for(b"> ")
    terminal.line("12")
    terminal.line("Good morning.")
    shown = terminal.line("34")
    want = b"12\n" + translated("Good morning.") + b"34\n"
    check("translations are there at once", read_file(out) == want, read_file(out), want)
    terminal.type(b"\x04")
    check("^D leaves, with the output in a file", terminal.end() == 0)
    check("stdout has the translations only", read_file(out) == want, shown)


def prompt_edits():
    out = work + "/edited"
    terminal = Terminal("-q", stdout=out)
    check("no banner with -q", terminal.wait_for(b"> ") == b"> ", terminal.shown)
    terminal.line(b"13\x1b[D2")  # cursor left
    terminal.line("1äöü€🙂\x7f\x7f\x7f\x7f\x7f2")
    terminal.line(b"\t12")
    terminal.line(b"34\x1512")  # ^U
    terminal.type(b"\x04")
    check("quiet: exit 0", terminal.end() == 0)
    lines = read_file(out).split(b"\n")
    check("keys edit the line", lines[0] == b"123", lines)
    check("a backspace takes a whole character", lines[1] == b"12", lines)
    check("a tabulator is text", lines[2] == b"\t12", lines)
    check("^U clears the line", lines[3] == b"12", lines)


def prompt_remembers():
    history = work + "/state/dragoman/history"
    if os.path.exists(history):
        os.unlink(history)
    terminal = Terminal()
    terminal.wait_for(b"> ")
    for line in ("12", "äöü 34", "äöü 34", "", "56"):
        terminal.line(line)
    terminal.type(b"7\x03")
    check("^C leaves", terminal.end() == -signal.SIGINT)
    check("the history outlives ^C", read_file(history) == "12\näöü 34\n56\n".encode(), read_file(history))
    check("the history is private", os.stat(history).st_mode & 0o777 == 0o600)
    out = work + "/recalled"
    terminal = Terminal("-q", stdout=out)
    terminal.wait_for(b"> ")
    terminal.line(b"\x1b[A\x1b[A\x1b[A\x1b[B\x1b[B")
    terminal.line(b"\x1b[A\x1b[A\x1b[A\x1b[A")
    terminal.type(b"\x04")
    check("a second prompt: exit 0", terminal.end() == 0)
    check("and recalls the lines of the first", read_file(out) == b"56\n12\n", read_file(out))
    with open(history, "w") as file:
        file.writelines(f"{i}\n" for i in range(5000))
    terminal = Terminal("-q", stdout=out)
    terminal.wait_for(b"> ")
    terminal.line(b"\x1b[A")
    terminal.type(b"\x04")
    terminal.end()
    check("a long history is recalled", read_file(out) == b"4999\n", read_file(out))
    check("and cut", len(read_file(history).split(b"\n")) <= 1003, len(read_file(history)))


def prompt_without_history():
    out = work + "/forgotten"
    for state in ("/dev/null/x", "relative", ""):
        terminal = Terminal("-q", stdout=out, environment={"XDG_STATE_HOME": state, "HOME": "/dev/null"})
        terminal.wait_for(b"> ")
        shown = terminal.line("12")
        terminal.type(b"\x04")
        check(f"no place for a history: {state!r}", terminal.end() == 0 and read_file(out) == b"12\n", read_file(out))
        check("and nothing is said of it", b"dragoman:" not in terminal.shown, shown)


def prompt_without_locale():
    out = work + "/c"
    terminal = Terminal("-q", stdout=out, environment={"LC_ALL": "C", "LANG": ""})
    terminal.wait_for(b"> ")
    terminal.line("1äö\x7f\x7f2")
    terminal.type(b"\x04")
    check("UTF-8 is typed in the C locale, too", terminal.end() == 0 and read_file(out) == b"12\n", read_file(out))


def interrupts():
    text = work + "/interrupted.txt"
    with open(text, "w") as file:
        file.writelines(f"The {i} brown dogs jumped over the lazy fox of the {i + 1} neighbours.\n" for i in range(20000))
    out = work + "/interrupted.out"
    with open(out, "w") as file:
        file.write("old\n")
    for number in (signal.SIGINT, signal.SIGTERM):
        process = subprocess.Popen(
            [program, "-i", text, "-o", out], preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)
        )
        end = time.time() + 10
        temporary = []
        while not temporary and time.time() < end:
            time.sleep(0.05)
            temporary = [name for name in os.listdir(work) if name.startswith(".dragoman-")]
        process.send_signal(number)
        status = process.wait()
        left = [name for name in os.listdir(work) if name.startswith(".dragoman-")]
        check(f"{number.name} ends it", status == -number, status)
        check(f"{number.name}: the temporary file was there and is removed", temporary and not left, temporary, left)
        check(f"{number.name}: the old file stays", read_file(out) == b"old\n")
    begun = work + "/interrupted.begun"  # before bash has started the program, the signal would be lost
    shell = 'set -m; "$0" -i "$1" >"$2" & for i in {1..200}; do [ -s "$2" ] && break; sleep 0.05; done; kill -INT $!; wait $!'
    status = subprocess.run(
        ["bash", "-c", shell, program, text, begun],
        capture_output=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ).returncode
    check("^C: the shell sees 130", status == 130, status)


def progress():
    text, out = work + "/long.txt", work + "/long.out"
    count = 2000
    with open(text, "w") as file:
        file.writelines(f"The {i} brown dogs jumped over the lazy fox of my neighbour.\n" for i in range(count))
    terminal = Terminal("-j1", "-i", text, stdout=out)
    status = terminal.end()
    check("a long file: exit 0", status == 0 and read_file(out).count(b"\n") == count, status)
    check("a long file shows progress", b"% " in terminal.shown and b"lines/s" in terminal.shown, terminal.shown)
    check("and erases it", terminal.shown.rstrip(b"\r").endswith(b" " * 20), terminal.shown[-60:])
    check("in one line", b"\n" not in terminal.shown, terminal.shown)
    quiet = Terminal("-q", "-i", text, stdout=out)
    quiet.end()
    check("not with -q", quiet.shown == b"", quiet.shown)
    done = subprocess.run([program, "-i", text], capture_output=True)
    check("not without a terminal", done.stderr == b"", done.stderr[:100])
    check("the output is the same", done.stdout == read_file(out))


for part in (prompt_translates, prompt_is_on_stderr, prompt_edits, prompt_remembers, prompt_without_history,
             prompt_without_locale, interrupts, progress):
    try:
        part()
    except Exception as error:  # a part that breaks is one failure, not the end
        check(f"{part.__name__}: {error!r}", False)
print(f"tally {passed} {failed} 0")
