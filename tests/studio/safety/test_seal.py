"""The seal, in a process of its own: it is never taken off."""

import subprocess
import sys

import pytest

TRIED = """
import asyncio, socket, sys
from bottega.studio.safety import seal
seal.close()
def refused(ask):
    try: ask()
    except OSError as error: return "asks no other machine" in str(error)
    return False
assert refused(lambda: socket.create_connection(("192.0.2.1", 80), 1))
assert refused(lambda: socket.create_connection(("example.com", 80), 1))
assert refused(lambda: socket.getaddrinfo("example.com", 80))
assert refused(lambda: socket.gethostbyname("example.com"))
assert refused(lambda: socket.gethostbyaddr("192.0.2.1"))
assert refused(lambda: socket.getnameinfo(("192.0.2.1", 80), 0))
assert refused(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("192.0.2.1", 53)))
assert refused(lambda: socket.create_connection(("169.254.169.254", 80), 1))
assert refused(lambda: asyncio.run(asyncio.open_connection("192.0.2.1", 80)))
listener = socket.create_server(("127.0.0.1", 0))
socket.create_connection(listener.getsockname()).close()
one, other = socket.socketpair()
one.send(b"x")
assert other.recv(1) == b"x"
if len(sys.argv) > 1:
    try: socket.getaddrinfo(sys.argv[1], 80)
    except socket.gaierror: pass
"""


def test_nothing_but_this_machine_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BOTTEGA_DATABASE", raising=False)
    subprocess.run([sys.executable, "-c", TRIED], check=True)


def test_a_database_that_was_named_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOTTEGA_DATABASE", "postgresql+psycopg://me:word@database.invalid/bottega")
    subprocess.run([sys.executable, "-c", TRIED, "database.invalid"], check=True)
