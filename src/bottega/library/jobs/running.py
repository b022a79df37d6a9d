"""A job from its beginning to its end, in whatever process it runs: what is told, what is kept, and how it ends."""

import contextlib
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from bottega import faults, home
from bottega.errors import BottegaError, Interrupted
from bottega.events import Listener, Said
from bottega.language import _
from bottega.library import database
from bottega.library.jobs import doing, rows
from bottega.library.jobs.job import Job, keep
from bottega.library.jobs.journal import Journal
from bottega.library.jobs.keeper import Keeper
from bottega.library.jobs.telling import Teller

OUTPUT = "output.log"
PATIENCE = 2.0
"""Seconds that a finished verb waits for a database which has not let it in yet."""


def carry_out(job: Job, call: Callable[[Listener], Any], keeper: Keeper, on_event: Listener) -> Any:
    """Calls a verb as a job, and returns what it returns.

    Args:
        job: already running, in this process.
        call: the verb, given whom to tell.
        on_event: told what happens, besides those who follow the job.

    Raises:
        BottegaError: what went wrong, in a sentence, also where it is a fault of ours.
        KeyboardInterrupt: stopped.
    """
    journal = Journal(job.folder)
    teller = Teller(job.folder, journal, keeper.put)

    def tell(event: Any) -> None:
        teller(event)
        on_event(event)

    journal.write("begun", pid=job.pid, device=job.device)
    end: dict[str, Any] = {"state": "failed", "results": []}
    facts: dict[str, Any] = {}
    try:
        value = call(tell)
        results, facts = doing.made(job.verb, job.arguments, value)
        end = {"state": "done", "results": results, "progress": 1.0}
        return value
    except (KeyboardInterrupt, Interrupted) as error:
        results = doing.left_behind(job.verb, job.arguments)
        saved = job.verb == "train" and isinstance(error, Interrupted)
        message = _("Saved; resume it to go on, or finish it to have the model as it is.") if saved else _("Stopped.")
        end = {"state": "stopped", "results": results, "message": message}
        raise
    except Exception as error:
        plain = faults.plainly(error)
        if plain is not error:
            _leave(error, job.folder)
        results = doing.left_behind(job.verb, job.arguments)
        end = {"state": "failed", "results": results, "error": home.brief(str(plain))}
        raise plain from error
    finally:
        teller.close()
        if trouble := _end(job, end, facts, keeper, journal):
            with contextlib.suppress(Exception):
                plainly = trouble if isinstance(trouble, BottegaError) else database.closed(trouble)
                on_event(Said(str(plainly)))


def _leave(error: Exception, folder: Path) -> None:
    """The trace of a fault of ours, in the output."""
    with contextlib.suppress(OSError), (folder / OUTPUT).open("a", encoding="utf-8") as file:
        traceback.print_exception(error, file=file)


def _end(job: Job, end: dict[str, Any], facts: dict[str, Any], keeper: Keeper, journal: Journal) -> Exception | None:
    """Writes down how it ended, first in its folder, then in the database; what kept the database from listening."""
    last = keeper.close(patience=0 if not keeper.entered(PATIENCE) else 5.0)
    for name, value in last.items():
        end.setdefault(name, value)
    end |= {"ended": time.time(), "left": None, "pid": None, "started": None}
    keep(replace(job, **end))
    trouble: Exception | None = None
    if keeper.entered(0):
        end["results"], trouble = doing.index(end["results"])
        if job.verb == "edit" and end["state"] == "done" and trouble is None:
            doing.index_parents(job.arguments)
        closed = _write(job, end) if not isinstance(trouble, database.LibraryClosed) else None
        trouble = trouble or closed
    else:
        trouble = database.closed(TimeoutError(_("it does not answer")))
    said = {"done": {"results": end["results"], "facts": facts}, "failed": {"text": end.get("error", "")}}
    journal.write(end["state"], **said.get(end["state"], {"text": end.get("message", "")}))
    journal.close()
    return trouble


def _write(job: Job, end: dict[str, Any]) -> Exception | None:
    def decide(row: Job) -> dict[str, Any]:
        if end["state"] == "stopped" and row.asked:
            end["state"] = row.asked
        return end | {"asked": None, "asked_at": None}

    try:
        if rows.transact(job.id, decide) is None:  # it could not be entered when it began
            rows.put(replace(job, **end))
    except Exception as error:  # it is made, and that is what counts
        return error
    return None


def output_of(folder: Path, lines: int = 200) -> str:
    """The last lines that a job wrote to its output; empty when it wrote nothing."""
    try:
        text = (folder / OUTPUT).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-lines:])
