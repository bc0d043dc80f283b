"""Runs a command in a pseudo-terminal of its own, as its session leader.

    in_terminal.py COLUMNS ROWS STDIN COMMAND [ARGUMENT ...]

STDIN is `terminal`, `null` (/dev/null) or `open` (a pipe that never says anything). What comes on standard input is typed; what
the command writes to its terminal goes to standard output. File descriptor 3 gets two lines of JSON: the command's process id
at once, and at the end how it ended and what state it left the terminal in.
"""

import fcntl
import json
import os
import pty
import select
import struct
import sys
import termios


def start(columns, rows, stdin, command):
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    silent, held = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.setsid()
        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
        first = {"terminal": slave, "open": silent, "null": os.open(os.devnull, os.O_RDONLY)}[stdin]
        for number, source in enumerate((first, slave, slave)):
            os.dup2(source, number)
        os.closerange(3, 64)
        os.execvp(command[0], command)
    return pid, master, slave


def relay(pid, master):
    """Until the command has ended and all that it wrote is passed on."""
    sources = [master, 0]
    while True:
        ready, _, _ = select.select(sources, [], [], 0.02)
        if master in ready:
            data = os.read(master, 65536)
            while data:
                data = data[os.write(1, data):]
        elif os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
            return
        if 0 in ready:
            typed = os.read(0, 4096)
            if not typed:
                sources.remove(0)
            while typed:
                typed = typed[os.write(master, typed):]


def tell(what):
    os.write(3, (json.dumps(what) + "\n").encode())


def main():
    columns, rows, stdin, *command = sys.argv[1:]
    pid, master, slave = start(int(columns), int(rows), stdin, command)
    tell({"pid": pid})
    relay(pid, master)
    status = os.waitpid(pid, 0)[1]
    modes = termios.tcgetattr(slave)[3]
    tell(
        {
            "code": os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
            "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else None,
            "echo": bool(modes & termios.ECHO),
            "canonical": bool(modes & termios.ICANON),
        }
    )


main()
