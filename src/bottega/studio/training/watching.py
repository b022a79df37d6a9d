"""A training as it is watched in the Train room: where it stands, what it makes over time, its losses, what it said."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr

from bottega.errors import BottegaError, UsageError
from bottega.language import _
from bottega.studio import panels, pulse
from bottega.studio.desk import Desk
from bottega.studio.following import Follower
from bottega.studio.queue import room as queue

if TYPE_CHECKING:
    from bottega.library.jobs import Job

LISTED = 100
"""Jobs among which trainings are looked for."""
CHOICES = 30
"""Trainings to choose from."""
FRESH = 3600
"""Seconds for which a training that is over stays in the first place."""

LAPSE = """
let of = "", at = {};
const show = () => {
  const root = element.querySelector(".over"), all = [...element.querySelectorAll(".lapse li")];
  if (!root || !all.length) return;
  if (of !== root.dataset.job) { of = root.dataset.job; at = {}; }
  for (const side of ["left", "right"]) {
    const place = Math.min(at[side] ?? (side === "left" ? 0 : all.length - 1), all.length - 1);
    const part = (tag) => element.querySelector(`${tag}[data-side=${side}]`);
    const shown = part(".seen"), range = part("input");
    const face = all[place].querySelector(".face").firstElementChild.cloneNode(true);
    if (!shown.firstElementChild || !shown.firstElementChild.isEqualNode(face)) shown.replaceChildren(face);
    range.max = all.length - 1;
    range.value = place;
    part("output").textContent = all[place].dataset.said;
    if (side === "right") all.forEach((one, i) => one.classList.toggle("chosen", i === place));
  }
};
const choose = (event) => {
  const one = event.target.closest(".lapse li");
  if (!one || (event.key && event.key !== "Enter")) return;
  at.right = [...one.parentElement.children].indexOf(one);
  show();
};
element.addEventListener("input", (event) => {
  if (!event.target.dataset.side) return;
  at[event.target.dataset.side] = Number(event.target.value);
  show();
});
element.addEventListener("click", choose);
element.addEventListener("keydown", choose);
watch("value", show);
show();
"""
"""Two of the previews side by side, as the sliders say; it stays so when a new one comes."""


@dataclass(frozen=True)
class Panel:
    """What the rest of the room needs of it.

    Attributes:
        which: the id of the training that is shown, "" for the one that is nearest.
        seen: what the page has already; None makes it look anew.
        tell: looks, and changes ``outputs``; takes ``inputs``.
    """

    which: gr.State
    seen: gr.State
    inputs: list[Any]
    outputs: list[Any]
    tell: Any


def panel(desk: Desk, heart: gr.HTML) -> Panel:
    """Lays the panel out.

    Args:
        heart: the piece of HTML that beats while the room is open.
    """
    from bottega.library.jobs import journal

    follow = Follower(journal.read)
    which, seen = gr.State(""), gr.State()
    with gr.Column(visible=False, elem_classes=["sheet", "live"]) as box:
        choice = gr.Dropdown([], label=_("Training"), interactive=True, filterable=False)
        standing = gr.HTML(js_on_load=pulse.CLICKS, apply_default_css=False)
        lapse = gr.HTML(js_on_load=LAPSE, apply_default_css=False, elem_classes="over-time")
        losses = gr.HTML(js_on_load=None, apply_default_css=False, elem_classes="losses")
        with gr.Accordion(_("What it said"), open=False):
            said = gr.HTML(js_on_load=None, apply_default_css=False)
    inputs, outputs = [which, seen], [box, choice, standing, lapse, losses, said, seen]

    def tell(which: str, seen: dict[str, Any] | None) -> list[Any]:
        parts = views(which, follow)
        values, now = pulse.changed(parts, seen)
        for i, wrapped in enumerate((_box, _choice)):
            if parts and not pulse.same(values[i]):
                values[i] = wrapped(values[i])
        return [*values, now if now != seen else gr.skip()]

    def press(which: str, seen: dict[str, Any] | None, event: gr.EventData) -> list[Any]:
        do, job = pulse.pressed(event)
        which = act(do, job) or which
        return [*tell(which, seen), which]

    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    heart.tick(desk.speaks(tell), inputs, outputs, queue=False, trigger_mode="once", **quiet)
    standing.click(desk.speaks(press), inputs, [*outputs, which], trigger_mode="once", **quiet)
    choice.input(lambda job: job, choice, which, queue=False, **quiet).then(
        desk.speaks(tell), inputs, outputs, queue=False, **quiet
    )
    desk.on_send("train", lambda message: message.get("job") or of_model(message.get("model")), which)
    return Panel(which, seen, inputs, outputs, tell)


def views(which: str, follow: Any) -> dict[str, Any]:
    """The parts of the panel in plain values: whether it is seen, the choices, and HTML."""
    from bottega.library import jobs

    nothing = {"box": "", "choice": ((), None), "standing": "", "lapse": "", "losses": "", "said": ""}
    try:
        trainings = [job for job in jobs.all(limit=LISTED) if job.verb == "train"]
    except BottegaError as error:  # the database is away for a while: said once, not at each look
        return nothing | {"box": "first", "standing": panels.wrong(error)}
    job = next((one for one in trainings if one.id == which), None) or nearest(trainings)
    if job is None:
        return nothing
    known = follow(job)
    choices = tuple((f"{one.title} · {one.word}", one.id) for one in trainings[:CHOICES])
    return {
        "box": "first" if fresh(job) else "later",
        "choice": (choices, job.id),
        "standing": panels.standing(job, known),
        "lapse": panels.lapse(job, known),
        "losses": panels.losses(known),
        "said": panels.log(job, known),
    }


def of_model(number: str | None) -> str:
    """The id of the training that a model came from, the latest of several.

    Raises:
        UsageError: nobody knows of it any more.
    """
    from bottega.library import jobs, models

    if not number:
        return ""
    model = models.get(number)
    for job in jobs.all():
        if job.verb == "train" and str(model.path) in (job.arguments.get("to"), *(one["path"] for one in job.results)):
            return job.id
    message = _("The training of {name} is no longer in the queue. It goes on with: {command}")
    raise UsageError(message.format(name=model.name, command=f"bottega train … --to {model.name} --resume"))


def nearest(trainings: "Sequence[Job]") -> "Job | None":
    """The training that a person most likely wants to see: one that runs, one that can go on, the latest."""
    running = next((one for one in trainings if one.state == "running"), None)
    return running or max(trainings, key=lambda one: one.ended or one.created, default=None)


def fresh(job: "Job") -> bool:
    """Whether a training is going on, or was over just now."""
    return job.ended is None or time.time() - job.ended < FRESH


def act(do: str, number: str) -> str:
    """What a button of a training does; the id of the training to show now, or "".

    Raises:
        UsageError: the training came to another state meanwhile, and it cannot be done any more.
    """
    from bottega.library import jobs

    job = jobs.get(number)
    folder = next((one["path"] for one in job.results if one.get("kind") == "model"), None)
    match do:
        case "measure" if folder:
            jobs.submit("evaluate", {"model": folder}, origin="page")
            gr.Info(_("It is measured when its turn comes: the Queue shows how far it is, and its card what came out."))
        case "longer":
            if not job.arguments.get("minutes"):
                raise UsageError(_("Only a training by the clock can be made longer here."))
            given = {name: value for name, value in job.arguments.items() if name != "finish"}
            more = {"minutes": 2 * given["minutes"], "resume": True}
            return jobs.submit("train", given | more, origin="page").id
        case _:
            queue.act(do, number)
    return ""


def _box(state: str) -> Any:
    return gr.Column(visible=bool(state), elem_classes=["sheet", "live", state or "later"])


def _choice(value: Any) -> Any:
    choices, chosen = value
    return gr.Dropdown(choices=list(choices), value=chosen, visible=len(choices) > 1)
