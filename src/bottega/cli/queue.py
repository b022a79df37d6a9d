"""``bottega queue``: what runs, what waits and what is over, whoever asked for it."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bottega.cli.common import Json, app, by_example, result
from bottega.errors import DataError, Interrupted
from bottega.faults import said_plainly
from bottega.language import _

if TYPE_CHECKING:
    from bottega.library.jobs import Job
    from bottega.terminal import Watcher

SHOWN = 30
"""Jobs in the list, at most: those that run and wait come first."""
LOOK = 0.5
"""Seconds between two looks at a job that is watched."""

queue = typer.Typer(rich_markup_mode="rich", context_settings={"help_option_names": ["-h", "--help"]})
app.add_typer(
    queue,
    name="queue",
    help=_("See and order the jobs: what runs, what waits, what is over, from this line and from the page alike."),
    epilog=by_example(
        (_("what is going on?"), "queue"),
        (_("train tonight, after what runs now"), "train my-works --minutes 300 --queue"),
        (_("watch it, and leave again with Ctrl-C"), "queue watch 5f3c"),
        (_("save, stop, and go on another day"), "queue pause 5f3c"),
        (_("it is good enough: the model now, please"), "queue finish 5f3c"),
    ),
)

Number = Annotated[str, typer.Argument(metavar="JOB", help=_("Its number, or the beginning of it."))]


@queue.callback(invoke_without_command=True)
def about(context: typer.Context) -> None:
    """The word alone lists the jobs."""
    if context.invoked_subcommand is None:
        list_jobs(as_json=False)


@queue.command("list", help=_("List the jobs: first what runs, then what waits in its order, then what is over."))
@said_plainly
def list_jobs(as_json: Json = False) -> None:
    from bottega import terminal
    from bottega.library import jobs

    jobs.kick()
    found = jobs.all(limit=SHOWN + 1)
    if as_json:
        result([job.as_json() for job in found[:SHOWN]], "", True)
        return
    if not found:
        print(_("No jobs. What you make with --queue, and whatever else takes a while, is listed here."))
        return
    rows = [(job.id[:8], job.title, _state(job), _far(job), _outcome(job)) for job in found[:SHOWN]]
    terminal.print_table((_("job"), _("what"), _("state"), _("done so far"), ""), rows)
    if len(found) > SHOWN:
        print(_("There are more; “bottega queue clear” takes those that are over out of the list."))


@queue.command(help=_("Show one job: where it stands, what it made, and what went wrong."))
@said_plainly
def show(job: Number, as_json: Json = False) -> None:
    from bottega import terminal
    from bottega.library import jobs

    jobs.kick()
    found = jobs.get(job)
    if as_json:
        result(found.as_json(), "", True)
        return
    facts = [
        (_("job"), found.id),
        (_("what"), found.title),
        (_("state"), _state(found)),
        (_("done so far"), _far(found)),
        (_("time taken"), terminal.duration(found.ended - found.begun) if found.begun and found.ended else ""),
        (_("device"), found.device),
        (_("last word"), found.message),
        (_("what went wrong"), found.why),
        *[(_("made"), one["path"]) for one in found.results],
        (_("folder"), str(found.folder)),
    ]
    terminal.print_table(("", ""), [(name, value) for name, value in facts if value], bare=True)
    if output := jobs.output_of(found.folder, lines=20):
        print("\n" + output)


@queue.command(help=_("Follow a job until it is over. Ctrl-C leaves; the job goes on."))
@said_plainly
def watch(job: Number, as_json: Json = False) -> None:
    from bottega import terminal
    from bottega.library import jobs

    jobs.kick()
    found = jobs.get(job)
    screen = terminal.console()
    with terminal.Watcher(screen) as watcher:
        watcher.say(found.title)
        try:
            found = _follow(found, watcher)
        except KeyboardInterrupt:
            watcher.say(_("The job goes on; “bottega queue” shows it."))
            raise typer.Exit(0) from None
    if found.state == "failed":
        raise DataError(found.error)
    if found.state != "done":
        raise Interrupted(_("{title}: {state}").format(title=found.title, state=found.word))
    result(found.as_json(), "\n".join(one["path"] for one in found.results), as_json)


@queue.command(help=_("Cancel a job. One that runs saves and stops; asked again, it stops at once."))
@said_plainly
def cancel(job: Number, as_json: Json = False) -> None:
    from bottega.library import jobs

    _told(_settled(jobs.cancel(job)), as_json)


@queue.command(help=_("Keep a job from starting, or let a training save and stop until it is resumed."))
@said_plainly
def pause(job: Number, as_json: Json = False) -> None:
    from bottega.library import jobs

    _told(_settled(jobs.pause(job)), as_json)


@queue.command(help=_("Let a job go on: a training from where it was saved, anything else from its beginning."))
@said_plainly
def resume(job: Number, as_json: Json = False) -> None:
    from bottega.library import jobs

    _told(jobs.resume(job), as_json)


@queue.command(
    help=_("End a training early and make its model now, of what it has learned, whether it runs or was stopped."),
    epilog=_(
        "Its learning rate has not come down yet, so the model is rougher than one that was planned for that time."
    ),
)
@said_plainly
def finish(job: Number, as_json: Json = False) -> None:
    from bottega import terminal
    from bottega.library import jobs

    found = jobs.finish(job)
    _told(found, as_json)
    if found.state == "running":
        said = _("It ends at this step and makes its model; “bottega queue watch {job}” follows it.")
        terminal.console().print(said.format(job=found.id[:8]), markup=False)


@queue.command(
    help=_("Let a waiting job start before another one, or last of all."),
    epilog=by_example((_("before that one"), "queue move 5f3c 81aa"), (_("to the end"), "queue move 5f3c")),
)
@said_plainly
def move(
    job: Number,
    before: Annotated[
        str | None, typer.Argument(metavar="[OTHER]", help=_("The job before which it starts; none: to the end."))
    ] = None,
    as_json: Json = False,
) -> None:
    from bottega.library import jobs

    _told(jobs.move(job, before), as_json)
    jobs.kick()


@queue.command(help=_("Take the jobs that are over out of the list. What they made stays."))
@said_plainly
def clear(as_json: Json = False) -> None:
    from bottega.library import jobs

    jobs.kick()
    n = jobs.clear()
    result({"cleared": n}, _("{n} jobs are out of the list; what they made stays.").format(n=n), as_json)


def _follow(job: "Job", watcher: "Watcher") -> "Job":
    """Shows what a job tells, until it is over."""
    from bottega.library import jobs
    from bottega.library.jobs.following import Follower

    follower = Follower(watcher)
    while True:
        job = jobs.get(job.id)  # first its state, then its events: so none that came before the end is missed
        follower.catch_up(job.folder)
        if job.state not in ("running", *jobs.WAITING):
            return job
        time.sleep(LOOK)
        jobs.kick()


def _settled(job: "Job") -> "Job":
    """The job when it has done what it was asked for; Ctrl-C leaves it to do that alone."""
    from bottega import terminal
    from bottega.library import jobs

    screen = terminal.console()
    if job.state == "running":
        with screen.status(_("It finishes its step, saves and stops …")):
            try:
                while (job := jobs.get(job.id)).state == "running":
                    time.sleep(LOOK / 2)
                    jobs.kick()
            except KeyboardInterrupt:
                screen.print(_("It was asked to stop, and will."), markup=False)
    jobs.kick()
    return job


def _told(job: "Job", as_json: bool) -> None:
    said = _("{title}: {state}").format(title=job.title, state=job.word)
    result(job.as_json(), f"{job.id[:8]}  {said}", as_json)


def _state(job: "Job") -> str:
    return f"{job.word} ({job.device})" if job.state == "running" and job.device != "cpu" else job.word


def _far(job: "Job") -> str:
    """How far one has come that is under way or was left there."""
    from bottega import terminal

    if job.progress is None or job.state in ("queued", "done"):
        return ""
    if job.state != "running" or job.left is None:
        return f"{job.progress:.0%}"
    return _("{share}, {left} left").format(share=f"{job.progress:.0%}", left=terminal.duration(job.left))


def _outcome(job: "Job") -> str:
    """What it made, why it failed, or what it said last."""
    if job.why:
        return job.why
    if job.results:
        return Path(job.results[-1]["path"]).name
    return job.message if job.state == "running" else ""
