"""The Queue room: jobs of every origin, in their order, with what can be done about each."""

from typing import Any

import gradio as gr

from bottega.errors import BottegaError
from bottega.language import _
from bottega.studio import panels, pulse
from bottega.studio.desk import Desk
from bottega.studio.following import Follower
from bottega.studio.page import asset
from bottega.studio.queue import listing

SHOWN = 60
"""Jobs that are listed; older ones are on the command line."""


def room(desk: Desk) -> None:
    """Lays the room out inside an open tab."""
    from bottega.library.jobs import journal

    follow = Follower(journal.read)
    seen, opened = gr.State(), gr.State("")
    with gr.Row(elem_classes="headline"):
        gr.HTML(f"<h2>{_('Queue')}</h2>", head=f"<style>{asset('rooms.css')}</style>", js_on_load=pulse.WATCH)
        clear = gr.Button(_("Clear what is over"), size="sm", scale=0, min_width=180)
    shown = gr.HTML(elem_classes="queue", js_on_load=pulse.WATCH + pulse.CLICKS, apply_default_css=False)

    def look(seen: dict[str, Any] | None, opened: str) -> list[Any]:
        from bottega.library import jobs

        try:
            listed = listing.queue(jobs.all(limit=SHOWN), opened, follow)
        except BottegaError as error:  # the database is away for a while: said once, not at each look
            listed = panels.wrong(error)
        values, now = pulse.changed({"list": listed}, seen)
        return [*values, now if seen != now else gr.skip()]

    def press(seen: dict[str, Any] | None, opened: str, event: gr.EventData) -> list[Any]:
        do, job = pulse.pressed(event)
        if do == "log":
            opened = "" if opened == job else job
        else:
            act(do, job)
        return [*look(seen, opened), opened]

    def cleared(seen: dict[str, Any] | None, opened: str) -> list[Any]:
        from bottega.library import jobs

        gr.Info(_("Off the list: {count:,}. What they made stays.").format(count=jobs.clear()), duration=4)
        return look(seen, opened)

    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    inputs, outputs = [seen, opened], [shown, seen]
    shown.tick(desk.speaks(look), inputs, outputs, queue=False, trigger_mode="once", **quiet)
    shown.click(desk.speaks(press), inputs, [*outputs, opened], trigger_mode="multiple", **quiet)
    clear.click(desk.speaks(cleared), inputs, outputs, **quiet)
    desk.on_send("queue", lambda message: message.get("job", ""), opened)


def act(do: str, job: str) -> None:
    """What a button of a job does.

    Raises:
        UsageError: the job came to another state meanwhile, and it cannot be done any more.
    """
    from bottega.library import jobs

    match do:
        case "pause":
            jobs.pause(job)
        case "resume":
            jobs.resume(job)
        case "finish":
            jobs.finish(job)
        case "cancel":
            jobs.cancel(job)
        case "up" | "down":
            move(job, do == "up")


def move(job: str, sooner: bool) -> None:
    """Changes places with the neighbour in the queue; at its ends nothing happens."""
    from bottega.library import jobs

    waiting = [one.id for one in jobs.all(states=jobs.WAITING)]
    at = waiting.index(job) if job in waiting else -1
    if at < 0 or not 0 <= at + (-1 if sooner else 1) < len(waiting):
        return
    if sooner:
        jobs.move(job, before=waiting[at - 1])
    else:
        jobs.move(waiting[at + 1], before=job)
