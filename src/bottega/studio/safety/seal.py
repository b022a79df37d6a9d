"""No request leaves this process: whatever a library tries, only this machine's own doors can be knocked on.

Gradio fetches addresses that are given in place of files, and asks for news of itself. What cannot be connected cannot
be asked, whichever feature of which version wants to. The one exception is a database that the person named.
"""

import errno
import ipaddress
import os
import socket
import sys
from typing import Any
from urllib.parse import urlsplit

NAMES = {
    **{"connect": 1, "sendto": 1, "sendmsg": 1},
    **{"getaddrinfo": 0, "getnameinfo": 0, "gethostbyname": 0, "gethostbyaddr": 0},
}
"""The events of Python's that ask another machine, and where in them it is named."""


def close() -> None:
    """From now on, and for as long as this process lives, nothing but this machine can be asked from Python."""
    named = urlsplit(os.environ.get("BOTTEGA_DATABASE", "")).hostname

    def watch(event: str, given: tuple[Any, ...]) -> None:
        if not event.startswith("socket.") or (place := NAMES.get(event[7:])) is None:
            return
        if place and given[0].family not in (socket.AF_INET, socket.AF_INET6):
            return
        host = given[place][0] if isinstance(given[place], tuple) else given[place]
        if not is_here(host) and (named is None or str(host).lower() != named):
            raise OSError(errno.ENETUNREACH, "the studio asks no other machine", str(host))

    sys.addaudithook(watch)


def is_here(host: Any) -> bool:
    """Whether a host is this machine."""
    if host in (None, "", b"", "localhost", b"localhost"):
        return True
    try:
        return ipaddress.ip_address(host.decode() if isinstance(host, bytes) else host).is_loopback
    except ValueError:
        return False
