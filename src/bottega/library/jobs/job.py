"""What a job is: a verb with its arguments, where it stands, and a folder that holds everything about it."""

import json
import re
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from bottega.errors import BottegaError
from bottega.language import _, later
from bottega.media.files import whole_file

VERBS = ("train", "generate", "edit", "evaluate", "remake", "export", "scan")

STATES = {
    "queued": later("waiting"),
    "held": later("on hold"),
    "running": later("running"),
    "done": later("done"),
    "failed": later("failed"),
    "stopped": later("stopped"),
    "paused": later("paused"),
    "interrupted": later("interrupted"),
}
"""Each state, and the word that a person reads for it."""

INTERRUPTED = later(
    "Its process ended without a word: the machine was restarted, memory ran out, or somebody ended it."
)
WAITING = ("queued", "held")
ENDED = ("done", "failed", "stopped")
RESUMABLE = ("held", "paused", "interrupted", "failed", "stopped")

FILE = "job.json"
CLEARED = "cleared"
"""A file in the folder of a job that was taken out of the list."""


@dataclass(frozen=True)
class Job:
    """A job, as it stood when it was looked at.

    Attributes:
        id: opaque; sixteen hexadecimal digits.
        verb: one of ``VERBS``.
        arguments: of the verb, as plain JSON with absolute paths.
        language: in which it speaks.
        origin: who asked for it: ``"page"``, ``"line"`` (the command line) or ``"api"``.
        machine: where it was asked for and runs; several machines may share one database.
        state: one of ``STATES``.
        created, begun, ended, asked_at: seconds since 1970.
        device: where it runs or ran: ``"cpu"``, ``"cuda:0"`` …; empty before.
        position: its place in the queue; smaller is sooner.
        pid, started: its process, and when that began (seconds since 1970), since numbers of processes come again.
        progress: the share done, in [0, 1]; None while nobody knows.
        left: seconds still to go, an honest guess.
        message: the last sentence it said.
        error: why it failed, in one sentence.
        results: ``{"path", "id", "kind"}`` of what it made; kind is ``"work"``, ``"sheet"``, ``"model"`` or ``"file"``.
        folder: its own, under ``home.runs()``.
        asked: the state it was asked, at ``asked_at``, to come to while running: ``"stopped"`` or ``"paused"``.
    """

    id: str
    verb: str
    arguments: dict[str, Any]
    language: str
    origin: str
    machine: str
    state: str
    folder: Path
    created: float
    device: str = ""
    position: float = 0.0
    pid: int | None = None
    started: float | None = None
    progress: float | None = None
    left: float | None = None
    message: str = ""
    error: str = ""
    results: list[dict[str, Any]] = field(default_factory=list)
    begun: float | None = None
    ended: float | None = None
    asked: str | None = None
    asked_at: float | None = None

    @property
    def title(self) -> str:
        """What it does, in the language in use: “Train my-works”."""
        return _title(self.verb, self.arguments)

    @property
    def word(self) -> str:
        """The word for its state, in the language in use."""
        if self.state == "running" and self.asked:
            return _("stopping")
        return _(STATES[self.state])

    @property
    def why(self) -> str:
        """What went wrong, in one sentence: as the job said it, or in the language in use where it could not."""
        return _(INTERRUPTED) if self.state == "interrupted" else self.error

    def as_json(self) -> dict[str, Any]:
        """The same as plain data."""
        return asdict(self) | {"folder": str(self.folder)}


DIGEST = re.compile(r"[0-9a-f]{64}(\.\w+)?")
"""The name of a file that is stored by its content: it says nothing to a person."""
NAMES = tuple(one.name for one in fields(Job))


def from_values(values: Mapping[str, Any], folder: Path) -> Job:
    """A job from the values of ``job.json``; what it does not know has its default.

    Raises:
        KeyError, TypeError: they are not those of a job.
    """
    known = {name: values[name] for name in NAMES if values.get(name) is not None}
    return Job(**known | {"folder": folder})


def place_of(runs: Path, verb: str, id: str, created: float) -> Path:
    """The folder of a job: ``<yyyymmdd-hhmmss>-<verb>-<id>``."""
    return runs / f"{time.strftime('%Y%m%d-%H%M%S', time.localtime(created))}-{verb}-{id}"


def keep(job: Job) -> bool:
    """Writes ``job.json``, from which the row can be made again; False when the disk does not take it."""
    try:
        with whole_file(job.folder / FILE) as part:
            told = json.dumps(job.as_json(), ensure_ascii=False, indent=1)
            part.write_text(told, encoding="utf-8", errors="backslashreplace")  # names of files that are no UTF-8
    except (BottegaError, OSError):
        return False
    return True


def kept(folder: Path) -> Job | None:
    """The job of a folder, as it stood when its file was written; None when there is none that can be read."""
    try:
        return from_values(json.loads((folder / FILE).read_text(encoding="utf-8")), folder)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _title(verb: str, arguments: Mapping[str, Any]) -> str:
    match verb:
        case "train":
            return _("Train {name}").format(name=_name(arguments.get("to") or arguments.get("source")))
        case "generate":
            message = _("Make {n} works with {name}")
            return message.format(n=arguments.get("n", 16), name=_name(arguments.get("model")))
        case "edit":
            names = ", ".join(_name(work) for work in arguments.get("works") or ())
            message = _("Edit {name}: {operation}") if names else _("Edit: {operation}")
            return message.format(name=names, operation=arguments.get("operation"))
        case "evaluate":
            return _("Evaluate {name}").format(name=_name(arguments.get("model")))
        case "remake":
            return _("Remake {name}").format(name=_name(arguments.get("file")))
        case "export":
            return _("Export {name}").format(name=_name(arguments.get("model")))
        case _:
            return _("Look through the library")


def _name(place: Any) -> str:
    """The last part of a path, or the first words of a text."""
    words = str(place or "–")
    name = Path(words).name if "/" in words or "\\" in words else words
    if DIGEST.fullmatch(name):
        return _("a dropped file")
    return name if len(name) <= 40 else name[:39].rstrip() + "…"
