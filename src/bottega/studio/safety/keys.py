"""What lets a person in: the word in the address that is opened, the cookie it becomes, and a password elsewhere.

Everything here lives as long as one start of the studio, and in memory only.
"""

import hmac
import ipaddress
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bottega import home
from bottega.errors import UsageError
from bottega.language import _

PASSWORD = "BOTTEGA_PASSWORD"
"""The environment variable that holds the password: an option of the command could be read in the list of processes."""
SHORTEST = 8  # characters of a password
FAILURES = 5  # wrong passwords from one address before it has to wait
ALL_FAILURES = 50  # and from all of them together
PAUSE = 60.0  # seconds


@dataclass(frozen=True)
class Secret:
    """The keys of one start.

    Attributes:
        token: the word in the address that is opened, and the bearer token of programs.
        cookie: what the browser keeps instead.
        password: empty when only this machine can ask.
        folder: where this start keeps what the page is given; only its owner can look into it.
    """

    token: str = field(repr=False)
    cookie: str = field(repr=False)
    password: str = field(repr=False)
    folder: Path


def is_own(host: str) -> bool:
    """Whether only this machine can reach an address that is listened on."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def new(host: str = "127.0.0.1", password: str | None = None) -> Secret:
    """The keys of a new start.

    Args:
        host: the address that will be listened on.
        password: None takes the one in ``BOTTEGA_PASSWORD``.

    Raises:
        UsageError: other machines could ask, and there is no password, or a short one.
    """
    password = os.environ.get(PASSWORD, "") if password is None else password
    if not is_own(host) and not password:
        message = _("Others could open the studio at {host}: set {name} to a password first.")
        raise UsageError(message.format(host=host, name=PASSWORD))
    if password and len(password) < SHORTEST:
        message = _("The password in {name} is too short: {count} characters at least.")
        raise UsageError(message.format(name=PASSWORD, count=SHORTEST))
    return Secret(secrets.token_urlsafe(32), secrets.token_urlsafe(32), password, _folder())


def _folder() -> Path:
    """A folder that only this start uses; those of starts that were cut short are cleared away."""
    import psutil

    place = home.cache() / "studio"
    place.mkdir(parents=True, exist_ok=True)
    for left in place.iterdir():
        pid = left.name.partition("-")[0]
        if pid.isdecimal() and not psutil.pid_exists(int(pid)):
            shutil.rmtree(left, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=place)).resolve()


def settle(secret: Secret) -> None:
    """Tell Gradio, before it is imported, where its files go, and that it asks nobody anything."""
    os.environ |= {
        "GRADIO_TEMP_DIR": str(secret.folder),
        "GRADIO_EXAMPLES_CACHE": str(secret.folder / "examples"),
        "GRADIO_ANALYTICS_ENABLED": "False",
        "HF_HUB_OFFLINE": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
    }
    os.environ.pop(PASSWORD, None)  # not for the processes that are started from here
    for name in ("GRADIO_ALLOWED_PATHS", "GRADIO_ROOT_PATH", "GRADIO_SHARE", "GRADIO_VIBE_MODE", "GRADIO_SSR_MODE"):
        os.environ.pop(name, None)


def leave(secret: Secret) -> None:
    """Clear away the folder of this start. What works were made from lies elsewhere: see ``uploads``."""
    shutil.rmtree(secret.folder, ignore_errors=True)


def opened(secret: Secret, host: str, port: int) -> str:
    """The address that lets a person on this machine in."""
    here = host if is_own(host) else "127.0.0.1" if host in ("0.0.0.0", "::", "") else host
    here = f"[{here}]" if ":" in here else here
    return f"http://{here}:{port}/?token={secret.token}"


def same(given: str, right: str) -> bool:
    """Whether two words are the same, in a time that tells nothing about where they differ."""
    return bool(right) and hmac.compare_digest(given.encode(), right.encode())


class Turnstile:
    """Who tried the password in vain lately, and has to wait."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.failures: dict[str, list[float]] = {}

    def wait(self, address: str) -> int:
        """Seconds until this address may try again; 0: now."""
        now = self.clock()
        self.failures = {
            who: recent for who, times in self.failures.items() if (recent := [at for at in times if now - at < PAUSE])
        }
        own = self.failures.get(address, [])
        everybody = sorted(at for times in self.failures.values() for at in times)
        full = [(own, FAILURES), (everybody, ALL_FAILURES)]
        return max([0, *(int(times[-most] + PAUSE - now) + 1 for times, most in full if len(times) >= most)])

    def failed(self, address: str) -> None:
        """Note that a password was wrong."""
        self.failures.setdefault(address, []).append(self.clock())
