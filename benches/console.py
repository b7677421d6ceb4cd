#!/usr/bin/env python3
"""Measures the running console: start, memory, CPU and bytes to the terminal.

usage: benches/console.py PROGRAM [ARGS..]     such as: benches/console.py target/release/awswatch --demo calm --scale 100

Runs the program in a pseudo terminal of 200x60 in a home of its own, lets it settle for 30 s, then measures for 60 s and
ends it with `q`.
"""

import fcntl
import os
import pty
import select
import struct
import sys
import tempfile
import termios
import time

SETTLE, MEASURE = 30.0, 60.0
TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory(pid):
    with open(f"/proc/{pid}/status") as status:
        lines = dict(line.split(":", 1) for line in status)
    return {key: int(lines[key].split()[0]) / 1024 for key in ("VmRSS", "VmHWM")}


def read_for(fd, seconds, until=None):
    """Reads what is written within `seconds`, or until it holds `until`; gives the bytes and the time it took."""
    start, got = time.monotonic(), b""
    while (left := start + seconds - time.monotonic()) > 0:
        if select.select([fd], [], [], left)[0]:
            try:
                got += os.read(fd, 65536)
            except OSError:
                sys.exit(f"the program ended:\n{got.decode(errors='replace')}")
            if until is not None and until in got:
                break
    return got, time.monotonic() - start


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    program = os.path.abspath(sys.argv[1])
    home = tempfile.mkdtemp(prefix="awswatch-bench-")
    pid, fd = pty.fork()
    if pid == 0:
        os.chdir(home)
        env = {"HOME": home, "PATH": os.environ["PATH"], "TERM": "xterm-256color", "TZ": "UTC", "LANG": "C.UTF-8"}
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 60, 200, 0, 0))
        os.execve(program, [program, *sys.argv[2:]], env)
    _, first = read_for(fd, 20, until=b"Overview")
    print(f"start to first frame    {first * 1000:8.0f} ms")
    read_for(fd, SETTLE)
    before = cpu_seconds(pid)
    written, took = read_for(fd, MEASURE)
    used = cpu_seconds(pid) - before
    resident = memory(pid)
    print(f"CPU                     {100 * used / took:8.1f} % of one core, over {took:.0f} s")
    print(f"to the terminal         {len(written) / took:8.0f} bytes/s")
    print(f"memory now              {resident['VmRSS']:8.1f} MiB")
    print(f"memory at most          {resident['VmHWM']:8.1f} MiB")
    asked = time.monotonic()
    os.write(fd, b"q")
    _, status = os.waitpid(pid, 0)
    print(f"key q to the end        {(time.monotonic() - asked) * 1000:8.0f} ms, exit {os.waitstatus_to_exitcode(status)}")


if __name__ == "__main__":
    main()
