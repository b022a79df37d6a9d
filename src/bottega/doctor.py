"""``bottega doctor``: what this machine has, and whether it is enough, each with what to do about it."""

import contextlib
import os
import platform
import re
import shutil
import tempfile
import time
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path

from bottega import home
from bottega.language import LANGUAGES, _, language

GIGA = 1 << 30


@dataclass(frozen=True)
class Finding:
    """One line of the examination.

    Attributes:
        name: what was looked at.
        value: what was found.
        verdict: ``"good"``, ``"weak"`` (works, but) or ``"bad"`` (has to be mended first).
        advice: what to do; empty when good.
    """

    name: str
    value: str
    verdict: str = "good"
    advice: str = ""

    def as_json(self) -> dict[str, str]:
        """The same as plain data."""
        return asdict(self)


def examine() -> list[Finding]:
    """Looks at everything; takes about one second and the time that torch needs to load."""
    return [_python(), *_torch(), *_packages(), _memory(), _disk(), *_folders(), _speech(), *_variables(), _speed()]


def verdict(found: list[Finding]) -> str:
    """The last line: one sentence over all findings."""
    worst = {finding.verdict for finding in found}
    if "bad" in worst:
        return _("Not ready: mend what is marked ✗ first.")
    if "weak" in worst:
        return _("Ready, with reservations marked !.")
    return _("Ready.")


def _python() -> Finding:
    return Finding("Python", f"{platform.python_version()} · {platform.system()} {platform.machine()}")


def _torch() -> list[Finding]:
    import torch

    cores = os.cpu_count() or 1
    found = [Finding("PyTorch", torch.__version__), Finding(_("processor"), _processor())]
    threads = torch.get_num_threads()
    advice = _("OMP_NUM_THREADS holds it back: unset it to use every core.")
    narrow = threads < cores // 2 and "OMP_NUM_THREADS" in os.environ
    value = _("{threads} of {cores} logical cores").format(threads=threads, cores=cores)
    found.append(Finding(_("threads"), value, "weak" if narrow else "good", advice if narrow else ""))
    if torch.cuda.is_available():
        for i in range(torch.cuda.device_count()):
            facts = torch.cuda.get_device_properties(i)
            found.append(Finding(_("graphics card"), f"{facts.name} · {_gigabytes(facts.total_memory)}"))
    else:
        found.append(Finding(_("graphics card"), _("none, and none is needed")))
    return found


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _packages() -> list[Finding]:
    found = []
    for name in _needed():
        try:
            found.append(Finding(name, metadata.version(name)))
        except metadata.PackageNotFoundError:
            advice = _("Install Bottega again: pip install bottega")
            found.append(Finding(name, _("missing"), "bad", advice))
    return found


def _needed() -> list[str]:
    """What Bottega stands on, as its own package says; torch is told of elsewhere."""
    with contextlib.suppress(metadata.PackageNotFoundError):  # where it runs from its source
        lines = metadata.requires("bottega") or []
        names = {re.split(r"[^\w.-]", line, maxsplit=1)[0] for line in lines if "extra ==" not in line}
        return sorted(names - {"torch"})
    return []


def _memory() -> Finding:
    free = _free_memory()
    if free is None:
        return Finding(_("free memory"), _("unknown on this system"))
    advice = _("Close other programs, or train with smaller works (--size 32).") if free < GIGA else ""
    return Finding(_("free memory"), _gigabytes(free), "weak" if advice else "good", advice)


def _free_memory() -> int | None:
    try:
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    try:  # not what is free, but what there is: better than nothing on macOS
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None


def _disk() -> Finding:
    free = shutil.disk_usage(_existing(home.home())).free
    advice = _("Make room, or set BOTTEGA_HOME to a folder on another disk.") if free < 2 * GIGA else ""
    verdict = "bad" if free < GIGA // 10 else "weak" if advice else "good"
    return Finding(_("free disk"), _gigabytes(free), verdict, advice)


def _folders() -> list[Finding]:
    found = []
    for name, folder in ((_("models"), home.models()), (_("works"), home.works()), (_("cache"), home.cache())):
        try:
            with tempfile.TemporaryFile(dir=_existing(folder)):
                found.append(Finding(name, str(folder)))
        except OSError as error:
            advice = _("Cannot write there ({reason}): set BOTTEGA_HOME to a folder of yours.").format(
                reason=error.strerror
            )
            found.append(Finding(name, str(folder), "bad", advice))
    return found


def _existing(folder: Path) -> Path:
    """The folder itself, or what is nearest to it of all that is there: where making it would begin."""
    return next(place for place in (folder.absolute(), *folder.absolute().parents) if place.exists())


def _speech() -> Finding:
    wished = os.environ.get("BOTTEGA_LANGUAGE", "")
    known = not wished or wished.lower()[:2] in LANGUAGES
    advice = "" if known else _("BOTTEGA_LANGUAGE can be en or zh.")
    return Finding(_("language"), language(), "good" if known else "weak", advice)


def _variables() -> list[Finding]:
    return [Finding(name, value) for name, value in sorted(os.environ.items()) if name.startswith("BOTTEGA_")]


def _speed(seconds: float = 1.0) -> Finding:
    """How fast matrices are multiplied: what training and sampling mostly do."""
    import torch

    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    side = 1024 if device.type == "cpu" else 4096
    a = torch.ones(side, side, device=device)
    float((a @ a)[0, 0])  # the first call also sets things up
    start, n = time.perf_counter(), 0
    while (used := time.perf_counter() - start) < seconds:
        float((a @ a)[0, 0])
        n += 1
    speed = 2 * side**3 * n / used / 1e9
    slow = speed < 20
    advice = _("Slow: keep to --size 32, give it more minutes, and let nothing else run meanwhile.") if slow else ""
    return Finding(_("speed"), f"{speed:,.0f} GFLOP/s", "weak" if slow else "good", advice)


def _gigabytes(n: int) -> str:
    return f"{n / GIGA:,.1f} GiB"
