"""The form of one act in the Make room: its controls, the seed, and the start."""

import html
import json
import random
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import gradio as gr

from bottega.editing.operation import Operation
from bottega.errors import BottegaError, UsageError
from bottega.language import _
from bottega.studio.controls import controls, of_class, values
from bottega.studio.making import hand, held, marking
from bottega.wishes import Wishes
from bottega.words import INPUTS, said

if TYPE_CHECKING:
    from bottega.library.models import ModelEntry
    from bottega.studio.desk import Desk

SHOWN = 5
"""Controls that are seen at once; further ones are behind “More”."""
MOST = 64
"""Works that are made at once."""
PAINTED = "painted-"
"""Before the names of masks that are painted: what was typed is remembered, what was painted is not."""
HOW_MANY = {"image": 16, "audio": 8, "score": 4, "text": 4, "video": 4}
SEEDS = 1_000_000
ASIDE = {"area", "start", "end", "at", "quiet", "size", "weights", "layer"}
"""Settings that stand behind “More” where they can be left alone."""


def draw(desk: "Desk", kept: Any, now: dict[str, Any]) -> dict[str, gr.File]:
    """The form for what is in hand; inside ``gr.render``.

    Returns:
        where files can be dropped for inputs that are options, by their names.
    """
    if not now["act"]:
        return {}
    try:
        return _draw(desk, kept, now, now["act"])
    except BottegaError as error:  # what was in hand is gone meanwhile
        gr.HTML(f'<p class="wrong">{html.escape(str(error))}</p>')
        return {}


def _draw(desk: "Desk", kept: Any, now: dict[str, Any], act: str) -> dict[str, gr.File]:
    from bottega.library import models

    operation, every = hand.operation_of(act), models.all()
    model, offer = model_of(now, every), offered(now, every)
    typed = now["typed"].get(act) or {}
    parts: dict[str, Any] = {}
    places: dict[str, gr.File] = {}
    if offer and offer.lacks:
        gr.HTML(f'<p class="hint">{html.escape(_needed(offer))}</p>', padding=False)
    if operation and offer:
        before = given(now)
        _roles(offer, before)
        painted, places = _inputs(operation, offer, before)
        parts |= painted | _use(operation, model)
    kind, usual, left_out = schema(operation, model)
    if operation is None and model:
        first = typed.get("n") or HOW_MANY[model.medium]
        parts["n"] = gr.Slider(1, MOST, first, step=1, label=_("How many"), elem_id="set-n", interactive=True)
        parts |= {"label": of_class(typed.get("label"), model.classes)} if model.classes else {}
    marked = marking.span(kind, offer) if offer and operation else ()
    parts |= _settings(kind, typed, usual, model.classes if model else (), left_out, marked)
    seed, lock = _seed(now)
    go = gr.Button(
        _("Begin"), variant="primary", size="lg", elem_id="start", elem_classes=f"for-{act.replace('/', '-')}",
        interactive=not (offer and offer.lacks),
    )  # fmt: skip
    _connect(desk, kept, act, go, seed, lock, parts)
    return places


def _needed(offer: hand.Offer) -> str:
    """What is still needed, and where it can be given."""
    if not offer.instead:
        return _("For this: {what}.").format(what=offer.lacks)
    below = ", ".join(said(name, INPUTS) for name in offer.instead)
    return _("For this: {what}, or give it below: {inputs}.").format(what=offer.lacks, inputs=below)


def _seed(now: dict[str, Any]) -> tuple[gr.Number, gr.Checkbox]:
    """The seed, with a die that throws another one, and whether it stays."""
    with gr.Row(elem_classes="seed"):
        seed = gr.Number(
            now["seed"], label=_("Seed"), precision=0, minimum=0, elem_id="seed", min_width=110, interactive=True,
            info=_("The same seed makes the same works."),
        )  # fmt: skip
        die = gr.Button("⚄", min_width=44, scale=0, elem_id="die", elem_classes="round")
        lock = gr.Checkbox(now["lock"], label=_("Keep this seed"), elem_id="lock", min_width=120, interactive=True)
    die.click(None, None, seed, js=f"() => Math.floor(Math.random() * {SEEDS})")
    return seed, lock


def _connect(
    desk: "Desk", kept: Any, act: str, go: gr.Button, seed: gr.Number, lock: gr.Checkbox, parts: dict[str, Any]
) -> None:
    """Begins when the button is pressed, and remembers what is typed until then."""
    typing = {name: one for name, one in parts.items() if not name.startswith(PAINTED)}

    def begin(now: dict[str, Any] | None, seed: float | None, lock: bool, *given: Any) -> tuple[Any, ...]:
        from bottega.studio.making.room import complete

        chosen = complete(now)
        number = int(seed or 0) if lock else random.randrange(SEEDS)
        said_by_hand = dict(zip(parts, given, strict=True))
        plain = {name: said_by_hand[name] for name in typing}
        chosen |= {"act": act, "seed": number, "lock": bool(lock), "typed": chosen["typed"] | {act: plain}}
        start(chosen, plain, desk.language, _masks(said_by_hand))
        return chosen, number

    quiet: dict[str, Any] = {"api_visibility": "private"}
    go.click(desk.speaks(begin), [kept, seed, lock, *parts.values()], [kept, seed], **quiet).then(
        None, js="() => bottega.look(true)"
    )
    gr.on(
        [one.change for one in (*typing.values(), seed, lock)],
        None,
        [kept, seed, lock, *typing.values()],
        kept,
        js=f"(...given) => bottega.typed({json.dumps([act, *typing])}, given)",
    )


def offers(now: Mapping[str, Any], every: "Sequence[ModelEntry]") -> list[hand.Offer]:
    """What can be done with what is in hand; ``every`` is all models."""
    items = hand.items(now["works"], now["words"], now["titles"])
    media = frozenset(one.medium for one in every)
    return hand.offers(items, model_of(now, every), media, given(now), now["act"])


def offered(now: Mapping[str, Any], every: "Sequence[ModelEntry]") -> hand.Offer | None:
    """What the act that is chosen does with it."""
    return next((one for one in offers(now, every) if one.act == now["act"]), None)


def given(now: Mapping[str, Any]) -> dict[str, list[hand.Item]]:
    """Files that were given for inputs that are options, by their names; those that are gone are passed over."""
    found = {name: hand.items(each, titles=now["titles"]) for name, each in now["more"].items()}
    return {name: each for name, each in found.items() if each}


def model_of(now: Mapping[str, Any], every: "Sequence[ModelEntry]") -> "ModelEntry | None":
    """The model in hand; None when there is none, or it is gone."""
    return next((one for one in every if one.id == now["model"]), None)


def schema(operation: Operation | None, model: "ModelEntry | None") -> tuple[type[Wishes], dict[str, Any], set[str]]:
    """The settings of an act, what they are when nothing is said, and those that this model does not have."""
    from bottega.crafts.schemas import MAKINGS

    if operation:
        masked = any(one.kind == "mask" for one in operation.inputs)
        return operation.settings, {}, {"area"} if masked else set()
    if model is None:
        raise UsageError(_("Choose a model first."))
    kind, has = MAKINGS[model.medium], hand.skills(model.recipe)[1]
    steering = {"guidance", "temperature", "truncation", "steps", "top_p", "min_p"}
    return kind, has, {"label", *(name for name in steering if name in kind.model_fields and name not in has)}


def start(
    now: Mapping[str, Any], typed: Mapping[str, Any], language: str, masks: Mapping[str, str] | None = None
) -> Any:
    """Hands the act over as a job.

    Args:
        typed: the values of the controls, by name.
        masks: files of what was painted, by the names of their inputs.

    Raises:
        UsageError: something is lacking, or a value that makes no sense.
    """
    from bottega.library import jobs, models
    from bottega.wishes import asked

    operation, every = hand.operation_of(now["act"]), models.all()
    model = model_of(now, every)
    kind, usual, _left_out = schema(operation, model)
    wishes = values(kind, typed, usual)
    asked(kind, wishes, operation.name if operation else hand.GENERATE)
    if operation is None:
        label, n = typed.get("label") or None, int(typed.get("n") or 1)
        arguments = {"model": str(model.path), "n": n, "seed": now["seed"], "label": label, **wishes}  # type: ignore[union-attr]
        return jobs.submit("generate", arguments, origin="page", language=language)
    offer = offered(now, every)
    if offer is None:
        raise UsageError(_("What was in hand is no longer there. Take something in hand first."))
    arguments = hand.arguments(operation, offer, masks or {})
    takes = model is not None and operation.model != "none" and typed.get("use-model", True)
    arguments |= {"seed": now["seed"], **wishes, **({"model": str(model.path)} if takes and model else {})}
    return jobs.submit("edit", arguments, origin="page", language=language)


def _settings(
    kind: type[Wishes],
    typed: Mapping[str, Any],
    usual: Mapping[str, Any],
    classes: Any,
    left_out: set[str],
    marked: tuple[str, ...],
) -> dict[str, Any]:
    """The controls; where there are many, the lesser ones are folded away, but for those that a ruler fills in."""
    names = [name for name in kind.model_fields if name not in left_out]
    needed = {*marked, *(name for name in names if kind.model_fields[name].is_required())}
    some = [name for name in names if name in needed or name not in ASIDE]
    first = names if len(names) <= SHOWN else [one for one in some if one in needed or one in some[:SHOWN]]
    with gr.Column(elem_classes="settings"):
        made = controls(kind, given=typed, usual=usual, classes=classes, leave_out={*names, *left_out} - {*first})
    rest = {*left_out, *first}
    if set(names) - rest:
        with gr.Accordion(_("More"), open=False, elem_classes="more"), gr.Column(elem_classes="settings"):
            made |= controls(kind, given=typed, usual=usual, classes=classes, leave_out=rest)
    return made


def _roles(offer: hand.Offer, before: Mapping[str, Sequence[hand.Item]]) -> None:
    """Which work in hand is what, where they are several; what was given beside them stands in its own place."""
    rows = [*offer.roles, *((name, one) for name, each in offer.more.items() if name not in before for one in each)]
    if len({name for name, _one in rows}) < 2:
        return
    each = "".join(f"<li><b>{html.escape(said(name, INPUTS))}</b> {html.escape(one.title)}</li>" for name, one in rows)
    gr.HTML(f'<ul class="roles">{each}</ul>', padding=False)


def _inputs(
    operation: Operation, offer: hand.Offer, before: Mapping[str, Sequence[hand.Item]]
) -> tuple[dict[str, Any], dict[str, gr.File]]:
    """What an operation takes beside its works: masks to be painted, and places where files can be dropped.

    Args:
        before: what was given already.
    """
    painted: dict[str, Any] = {}
    places: dict[str, gr.File] = {}
    for one in (one for one in operation.inputs if one.option):
        label, there = f"{said(one.name, INPUTS)} – {_(one.about)}", before.get(one.name, ())
        if one.kind == "mask" and offer.roles:
            painted[PAINTED + one.name] = marking.canvas(offer.roles[0][1])
        if there:
            gr.HTML(held.beside(one.name, there), padding=False)
        if there and one.kind == "mask":
            said_of_it = html.escape(_("Unpainted, the mask that was given is used."))
            gr.HTML(f'<p class="hint">{said_of_it}</p>', padding=False)
        if one.most is None or len(offer.more.get(one.name, ())) < one.most:
            count = "multiple" if one.most is None else "single"
            places[one.name] = gr.File(
                label=label,
                file_count=count,
                height=110,
                elem_id=f"drop-{one.name}",
                elem_classes="drop",
                interactive=True,
            )
    return painted, places


def _use(operation: Operation, model: "ModelEntry | None") -> dict[str, Any]:
    """Whether the model in hand is used, where that is left open."""
    if operation.model != "optional" or model is None:
        return {}
    label = _("Use the model {name}").format(name=model.name)
    return {"use-model": gr.Checkbox(True, label=label, elem_id="use-model", interactive=True)}


def _masks(said_by_hand: Mapping[str, Any]) -> dict[str, str]:
    """What was painted, as files, by the names of their inputs."""
    canvases = {name: value for name, value in said_by_hand.items() if name.startswith(PAINTED) and value is not None}
    masks = {name.removeprefix(PAINTED): marking.painted(value) for name, value in canvases.items()}
    return {name: str(marking.kept(mask)) for name, mask in masks.items() if mask is not None}
