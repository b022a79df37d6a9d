"""Where the processes come from that decode films, see ``child``.

To start Python and load FFmpeg takes a fifth of a second, more than to decode a short clip. So on Linux one process
does that once and forks a child for each film, which takes some milliseconds; elsewhere, where a process that has
loaded the system's libraries of media must not fork, each child is started anew. It ends with the process it is for.
"""

import contextlib
import io
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

FORKS = sys.platform == "linux"
GATHERED = 1 << 20  # bytes that are sent at once
REQUEST = 1 << 16  # bytes that a job takes, at most


def begin(file: BinaryIO, job: dict[str, Any]) -> tuple[io.BufferedReader, Callable[[], None]]:
    """Start a child on an open file; what it says, and what ends it at once.

    Args:
        file: an ordinary file, open for reading.
        job: what to do, see ``child.serve``.
    """
    if FORKS:
        try:
            return _nursery().begin(file, job)
        except ConnectionError:  # it died since the last film
            return _nursery(anew=True).begin(file, job)
    process = _start("bottega.media.films.child", file, subprocess.PIPE, json.dumps(job))
    assert isinstance(process.stdout, io.BufferedReader)

    def end() -> None:
        process.kill()
        process.wait()

    return process.stdout, end


def _start(module: str, stdin: Any, stdout: Any, *arguments: str) -> subprocess.Popen:
    import bottega

    places = [str(Path(bottega.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    less = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "4"}  # memory, not speed
    return subprocess.Popen(
        [sys.executable, "-P", "-m", module, *arguments],
        stdin=stdin,
        stdout=stdout,
        stderr=subprocess.DEVNULL,
        env=os.environ | less | {"PYTHONPATH": os.pathsep.join(filter(None, places))},
        bufsize=GATHERED,
    )


class Nursery:
    """The process that forks, seen from the one that asks for children."""

    def __init__(self) -> None:
        self.owner, self.numbers = os.getpid(), itertools.count()
        self.line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self.process = _start("bottega.media.films.nursery", theirs, subprocess.DEVNULL)

    def begin(self, file: BinaryIO, job: dict[str, Any]) -> tuple[io.BufferedReader, Callable[[], None]]:
        """See the function ``begin``."""
        number = next(self.numbers)
        ours, theirs = os.pipe()
        try:
            request = json.dumps({"begin": number, "job": job}).encode()
            socket.send_fds(self.line, [request], [file.fileno(), theirs])
        except BaseException:
            os.close(ours)
            raise
        finally:
            os.close(theirs)

        def end() -> None:
            with contextlib.suppress(OSError):  # it is gone, and its children with it
                self.line.send(json.dumps({"end": number}).encode())

        return io.BufferedReader(io.FileIO(ours), GATHERED), end


_only: list[Nursery] = []
_starting = threading.Lock()


def _nursery(anew: bool = False) -> Nursery:
    """The nursery of this process; not that of a process that forked this one."""
    with _starting:
        if anew or not _only or _only[0].owner != os.getpid():
            _only[:] = [Nursery()]
        return _only[0]


def _fork(number: int, job: dict[str, Any], given: list[int], line: socket.socket) -> int:
    """A child that decodes; its number among the processes."""
    from bottega.media.films import child

    process = os.fork()
    if process:
        for descriptor in given:
            os.close(descriptor)
        return process
    os.setpgid(0, 0)  # a Ctrl-C in the terminal is for the one who asked
    line.close()
    for place, descriptor in enumerate(given):
        os.dup2(descriptor, place)
        os.close(descriptor)
    child.decode(job)


def main() -> NoReturn:
    """What the nursery does: load everything, then fork a child for each request, until nobody asks any more."""
    from bottega.media.films import child

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    line = socket.socket(fileno=os.dup(0))
    for kind in ("matroska", "GIF"):
        child.rehearse(kind)
    children: dict[int, int] = {}
    while True:
        message, given, _flags, _address = socket.recv_fds(line, REQUEST, 2)
        told = json.loads(message) if message else {}
        if "begin" in told:
            children[told["begin"]] = _fork(told["begin"], told["job"], given, line)
            continue
        for number in [told["end"]] if told else list(children):
            process = children.pop(number)
            os.kill(process, signal.SIGKILL)  # not yet waited for, so that nobody else has its number
            os.waitpid(process, 0)
        if not told:
            os._exit(0)


if __name__ == "__main__":
    main()
