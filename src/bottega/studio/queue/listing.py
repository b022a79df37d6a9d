"""The queue in HTML: each job with its state, what it shows, and what can be done about it."""

import time
from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from bottega.language import _, later
from bottega.library.jobs.job import RESUMABLE
from bottega.studio import panels, small
from bottega.studio.following import Followed, Preview
from bottega.terminal import duration

if TYPE_CHECKING:
    from bottega.library.jobs import Job

BESIDE = 4
"""Works that the Gallery shows side by side."""
HALTED = ("paused", "interrupted")
"""States of jobs that somebody most likely wants to go on with."""
FIRST = 60
"""Letters of a text that its job shows."""
ORIGINS = {"page": later("from the page"), "line": later("from the command line"), "api": later("from a program")}


Follow = Callable[["Job"], Followed]
"""Gives what a job has told."""


def queue(jobs: Sequence["Job"], opened: str, follow: Follow) -> str:
    """All jobs: what runs, what waits, what was.

    Args:
        opened: the id of the job whose log is shown.
    """
    if not jobs:
        said = _("Nothing runs and nothing waits. What you start in any room, or on the command line, is seen here.")
        return f'<div class="empty"><p>{escape(said)}</p></div>'
    running = [job for job in jobs if job.state == "running"]
    waiting = sorted((job for job in jobs if job.state in ("queued", "held")), key=lambda job: job.position)
    halted = [job for job in jobs if job.state in HALTED]
    rest = [job for job in jobs if job.state not in ("running", "queued", "held", *HALTED)]
    places = {job.id: (i > 0, i < len(waiting) - 1) for i, job in enumerate(waiting)}
    groups = ((_("Now"), running), (_("Waiting"), waiting), (_("Not finished"), halted), (_("Earlier"), rest))
    return "".join(
        f'<section><h3>{escape(title)} <span class="soft">{len(group)}</span></h3><ol class="jobs">'
        + "".join(row(job, places.get(job.id), job.id == opened, follow) for job in group)
        + "</ol></section>"
        for title, group in groups
        if group
    )


def row(job: "Job", place: tuple[bool, bool] | None, opened: bool, follow: Follow) -> str:
    """One job; ``place`` says whether it can be moved up and down."""
    facts = [_(ORIGINS.get(job.origin, job.origin)), time.strftime("%Y-%m-%d %H:%M", time.localtime(job.created))]
    if job.begun and job.ended:
        facts.append(_("took {time}").format(time=duration(job.ended - job.begun)))
    if job.state == "running" and job.left is not None:
        facts.append(_("{left} left").format(left=duration(job.left)))
    said = f'<p class="wrong">{escape(job.why)}</p>' if job.why else ""
    if job.state == "running" and job.message:
        said = f'<p class="soft">{escape(job.message)}</p>'
    return (
        f'<li data-job="{escape(job.id)}" data-state="{escape(job.state)}">{_seen(job)}<div class="what">'
        f"<h4>{escape(panels.titled(job))} {panels.chip(job)}</h4>"
        f'<p class="soft">{escape(" · ".join(facts))}</p>{said}'
        f"{panels.bar(job.progress) if job.state == 'running' else ''}</div>"
        f'<p class="buttons">{"".join(_tools(job, place, opened))}</p>'
        f"{panels.log(job, follow(job)) if opened else ''}</li>"
    )


def _seen(job: "Job") -> str:
    """What a job shows: its latest preview, or what it made."""
    preview = max(job.folder.glob("preview*"), default=None)  # trainings number them
    made = [one for one in job.results if one.get("id")]
    shown = next((one for one in made if one["kind"] == "sheet"), made[0] if made else None)
    if preview is not None and (job.verb == "train" or shown is None):
        latest = panels.face(job, Preview(preview.name, 0, 0.0), said="")
        return f'<div class="face">{latest}</div>'
    if shown is None:
        return '<div class="face"></div>'
    if Path(shown["path"]).suffix.lower() in (".md", ".txt"):
        words = escape(small.begins(Path(shown["path"]), FIRST))
        return f'<div class="face"><span class="words">{words}</span></div>'
    place = f"/models/{escape(shown['id'])}" if shown["kind"] == "model" else f"/media/{escape(shown['id'])}"
    return f'<div class="face"><img src="{place}/thumb?w=320" alt="" loading="lazy"></div>'


def _tools(job: "Job", place: tuple[bool, bool] | None, opened: bool) -> list[str]:
    """The buttons of a row."""
    tools = []
    if place and place[0]:
        tools.append(panels.button("up", "↑", job.id, why=_("Sooner")))
    if place and place[1]:
        tools.append(panels.button("down", "↓", job.id, why=_("Later")))
    if job.state == "running":
        tools += panels.endings(job)
    if job.state == "queued":
        tools.append(panels.button("pause", _("Hold"), job.id))
    if job.state in RESUMABLE:
        again = job.state == "failed" and job.verb != "train"
        tools.append(panels.button("resume", _("Try again") if again else _("Go on"), job.id))
        tools += panels.finishing(job)
    if job.state in ("queued", "held", *HALTED):  # or it would stand there for ever
        tools.append(panels.button("cancel", _("Cancel"), job.id))
    works = [one["id"] for one in job.results if one.get("id") and one.get("kind") == "work"]
    if works:
        tools.append(panels.sender(_("See what it made"), {"room": "gallery", "works": works[:BESIDE]}))
    if job.verb == "train":
        tools.append(panels.sender(_("Look closer"), {"room": "train", "job": job.id}))
    tools.append(panels.button("log", _("Close the log") if opened else _("Log"), job.id))
    return tools
