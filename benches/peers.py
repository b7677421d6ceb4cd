#!/usr/bin/env python3
"""Measures awswatch beside other consoles, in one run on one machine, and prints a table in Markdown.

usage: benches/peers.py AWSWATCH [PEERS_BIN..]    such as: benches/peers.py target/release/awswatch ~/.cache/peers/bin

Peers are looked for in the directories given and in PATH; what is not there is left out, and said. Of the machine's monitors:
btop (apt-get install btop) and bottom (cargo install --locked bottom). Of consoles for AWS: taws (cargo install --locked
taws), a9s and servonaut (pip install a9s servonaut, in a virtual environment of their own). Those and awswatch look at the same
simulated AWS, which `awswatch sim` serves on loopback; nothing leaves the machine and no account is needed.

Each runs in a pseudo terminal of 200x60 in a home of its own. What is measured, in this order:
  first frame  from the start until 2,000 bytes were written, which is less than a frame of any of them
  idle         CPU and bytes to the terminal over 20 s, after 15 s to settle, with nobody at the keys
  key to paint from an arrow key until the next bytes are written; median and worst of 20, each after 40 ms of quiet
  scrolling    CPU and bytes over 10 s with ten arrow keys a second, ten down and ten up in turn
  memory       resident, with all its processes, at the end
"""

import fcntl
import os
import pty
import select
import shutil
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time

FRAME, SETTLE, IDLE, SCROLL, KEYS = 2000, 15.0, 20.0, 10.0, 20
TICKS = os.sysconf("SC_CLK_TCK")


def tree(pid):
    """The process and all that it started."""
    pids, found = [pid], []
    while pids:
        found.append(pids.pop())
        try:
            for task in os.listdir(f"/proc/{found[-1]}/task"):
                with open(f"/proc/{found[-1]}/task/{task}/children") as children:
                    pids += [int(child) for child in children.read().split()]
        except FileNotFoundError:
            continue
    return found


def cpu_seconds(pid):
    total = 0
    for one in tree(pid):
        try:
            with open(f"/proc/{one}/stat") as stat:
                fields = stat.read().rsplit(")", 1)[1].split()
            total += sum(int(field) for field in fields[11:15])
        except FileNotFoundError:
            continue
    return total / TICKS


def resident(pid):
    total = 0
    for one in tree(pid):
        try:
            with open(f"/proc/{one}/status") as status:
                total += sum(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
        except FileNotFoundError:
            continue
    return total / 1024


class Ended(Exception):
    """The program ended before it was told to."""


class Terminal:
    def __init__(self, program, environment):
        self.home = tempfile.mkdtemp(prefix="peers-")
        self.written = 0
        self.arrows = (b"\x1b[B", b"\x1b[A")
        self.started = time.monotonic()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(self.home)
            env = {"HOME": self.home, "PATH": os.environ["PATH"], "TERM": "xterm-256color", "TZ": "UTC", "LANG": "C.UTF-8"}
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 60, 200, 0, 0))
            os.execve(program[0], program, env | environment)

    def read(self, seconds, enough=None):
        """Reads for so long, or until `enough` bytes came; gives how many came, and when the last of them did."""
        end, got, last = time.monotonic() + seconds, 0, None
        while (left := end - time.monotonic()) > 0 and (enough is None or got < enough):
            if select.select([self.fd], [], [], left)[0]:
                try:
                    data = os.read(self.fd, 65536)
                except OSError as e:
                    raise Ended from e
                got, last = got + len(data), time.monotonic()
                if b"\x1b[?1h" in data:
                    self.arrows = (b"\x1bOB", b"\x1bOA")
                # What a terminal answers when it is asked where the cursor is, what it is, and what its colours are.
                for question, answer in ((b"\x1b[6n", b"\x1b[1;1R"), (b"\x1b[c", b"\x1b[?62c"),
                                         (b"\x1b]11;?", b"\x1b]11;rgb:0000/0000/0000\x07")):
                    if question in data:
                        os.write(self.fd, answer)
        self.written += got
        return got, last

    def measure(self):
        row = {}
        _, last = self.read(30, FRAME)
        row["first"] = None if last is None else last - self.started
        self.read(SETTLE)
        row["idle"] = self.span(IDLE, lambda: self.read(IDLE))
        delays = []
        for n in range(KEYS):
            for _ in range(100):
                if self.read(0.04, 1)[0] == 0:
                    break
            asked = time.monotonic()
            os.write(self.fd, self.arrows[n % 2])
            _, last = self.read(2, 1)
            delays.append(2.0 if last is None else last - asked)
            self.read(0.1)
        row["key"] = (statistics.median(delays), max(delays))
        row["scroll"] = self.span(SCROLL, self.scroll)
        row["rss"] = resident(self.pid)
        return row

    def scroll(self):
        for n in range(int(SCROLL * 10)):
            os.write(self.fd, self.arrows[n // 10 % 2])
            self.read(0.1)

    def span(self, seconds, work):
        cpu, written, start = cpu_seconds(self.pid), self.written, time.monotonic()
        work()
        took = time.monotonic() - start
        return 100 * (cpu_seconds(self.pid) - cpu) / took, (self.written - written) / took

    def close(self):
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                break
            for _ in range(40):
                if os.waitpid(self.pid, os.WNOHANG)[0]:
                    os.close(self.fd)
                    shutil.rmtree(self.home, ignore_errors=True)
                    return
                time.sleep(0.05)


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    ours = os.path.abspath(sys.argv[1])
    where = os.pathsep.join([*sys.argv[2:], os.environ["PATH"]])
    server = subprocess.Popen([ours, "sim", "--listen", "127.0.0.1:0", "--scenario", "calm"], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)
    try:
        said = server.stdout.readline()
        endpoint = "http://" + said.split("http://")[1].split()[0].rstrip(".,/")
        aws = {"AWS_ENDPOINT_URL": endpoint, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
               "AWS_REGION": "ap-northeast-1", "AWS_DEFAULT_REGION": "ap-northeast-1", "AWS_EC2_METADATA_DISABLED": "true"}
        programs = [("awswatch", [ours], aws), ("awswatch --demo calm", [ours, "--demo", "calm", "--speed", "1"], {})]
        for name, args, env in (("taws", [], aws), ("a9s", [], aws), ("servonaut", [], aws), ("btop", [], {}), ("btm", [], {})):
            path = shutil.which(name, path=where)
            if path is None:
                print(f"{name}: not installed, left out", file=sys.stderr)
            else:
                programs.append((name, [os.path.abspath(path), *args], env))
        print("| program | first frame | key to paint (worst) | idle CPU | idle | scrolling CPU | scrolling | memory |")
        print("| --- | --- | --- | --- | --- | --- | --- | --- |")
        for name, program, env in programs:
            terminal = Terminal(program, env)
            try:
                row = terminal.measure()
            except Ended:
                print(f"{name}: ended by itself", file=sys.stderr)
                continue
            finally:
                terminal.close()
            first = "none in 30 s" if row["first"] is None else f"{row['first'] * 1000:.0f} ms"
            (median, worst), (cpu, rate), (busy, busy_rate) = row["key"], row["idle"], row["scroll"]
            delay = "none in 2 s" if median >= 2 else f"{median * 1000:.0f} ms ({worst * 1000:.0f})"
            print(f"| {name} | {first} | {delay} | {cpu:.1f} % | {rate:.0f} bytes/s "
                  f"| {busy:.1f} % | {busy_rate:.0f} bytes/s | {row['rss']:.0f} MiB |", flush=True)
    finally:
        server.terminate()
        server.wait(timeout=10)


if __name__ == "__main__":
    main()
