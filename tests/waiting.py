"""How tests wait for what other processes do: until it is so, however slow and busy the machine is."""

import random
import socket
import time
from collections.abc import Callable


def until(true: Callable[[], object], seconds: float = 240) -> None:
    """Waits until something is so; fails when it takes too long."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.05)


def free_port() -> int:
    """A port that nobody listens on, and that no system gives away by itself before it is taken."""
    for port in random.sample(range(20_000, 32_000), 100):
        with socket.socket() as listener:
            try:
                listener.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no port is free")
