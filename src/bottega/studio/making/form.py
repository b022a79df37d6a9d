"""The form of one act in the Make room: its controls, the mask, the span of a sound, the seed, and the start."""

import html
import json
import random
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr
import numpy as np

from bottega.editing.operation import Input, Operation
from bottega.errors import UsageError
from bottega.language import _
from bottega.studio.controls import controls, values
from bottega.studio.making import hand
from bottega.wishes import Wishes
from bottega.words import INPUTS, said

if TYPE_CHECKING:
    from bottega.library.models import ModelEntry
    from bottega.studio.desk import Desk

SHOWN = 5
"""Controls that are seen at once; further ones are behind “More”."""
CANVAS = 900
"""Pixels of the longer side of a picture that is painted on; a mask may have another size than its picture."""
BRUSH = "rgba(214, 69, 65, 0.75)"
HOW_MANY = {"image": 16, "audio": 8, "score": 4, "text": 4, "video": 4}
SEEDS = 1_000_000
FRAME = 0.05
"""Seconds of a film that are read for its first frame."""
WAVE = 480
"""Strokes of a drawn sound."""
ASIDE = {"area", "start", "end", "at", "quiet", "size", "weights", "layer"}
"""Settings that stand behind “More” where they can be left alone."""


def draw(desk: "Desk", kept: Any, now: dict[str, Any]) -> None:
    """The form for what is in hand; inside ``gr.render``."""
    if not now["act"]:
        return
    try:
        _draw(desk, kept, now, now["act"])
    except hand.DataError as error:  # what was in hand is gone meanwhile
        gr.HTML(f'<p class="wrong">{html.escape(str(error))}</p>')


def _draw(desk: "Desk", kept: Any, now: dict[str, Any], act: str) -> None:
    from bottega.library import models

    operation, every = hand.operation_of(act), models.all()
    model, offer = model_of(now, every), offered(now, every)
    typed = now["typed"].get(act) or {}
    parts: dict[str, Any] = {}
    if offer and offer.lacks:
        gr.HTML(f'<p class="hint">{html.escape(_("For this: {what}.").format(what=offer.lacks))}</p>', padding=False)
    if operation and offer:
        _roles(offer)
        parts |= _inputs(operation, offer, now["more"], model)
    kind, usual, left_out = schema(operation, model)
    if operation is None and model:
        most = 64
        first = typed.get("n") or HOW_MANY[model.medium]
        parts["n"] = gr.Slider(1, most, first, step=1, label=_("How many"), elem_id="set-n", interactive=True)
        if model.classes:
            choices = [(_("any"), ""), *((one, one) for one in model.classes)]
            given = typed.get("label")
            value = given if given in model.classes else ""
            parts["label"] = gr.Dropdown(
                choices, value=value, label=said("label"), elem_id="set-label", interactive=True
            )
    marked = _span(kind, offer) if offer and operation else ()
    parts |= _settings(kind, typed, usual, model.classes if model else (), left_out, marked)
    with gr.Row(elem_classes="seed"):
        seed = gr.Number(
            now["seed"], label=_("Seed"), precision=0, minimum=0, elem_id="seed", min_width=110, interactive=True,
            info=_("The same seed makes the same works."),
        )  # fmt: skip
        die = gr.Button("⚄", min_width=44, scale=0, elem_id="die", elem_classes="round")
        lock = gr.Checkbox(now["lock"], label=_("Keep this seed"), elem_id="lock", min_width=120, interactive=True)
    go = gr.Button(_("Begin"), variant="primary", size="lg", elem_id="start", interactive=not (offer and offer.lacks))
    names = list(parts)

    def begin(now: dict[str, Any] | None, seed: float | None, lock: bool, *given: Any) -> tuple[Any, ...]:
        from bottega.studio.making.room import complete

        chosen = complete(now)
        number = int(seed or 0) if lock else random.randrange(SEEDS)
        said_by_hand = dict(zip(names, given, strict=True))
        plain = {name: one for name, one in said_by_hand.items() if not name.startswith("file-")}
        chosen |= {"act": act, "seed": number, "lock": bool(lock), "typed": chosen["typed"] | {act: plain}}
        start(chosen, plain, desk.language, _files(said_by_hand))
        return chosen, number

    quiet: dict[str, Any] = {"api_visibility": "private"}
    go.click(desk.speaks(begin), [kept, seed, lock, *parts.values()], [kept, seed], **quiet).then(
        None, js="() => bottega.look(true)"
    )
    die.click(None, None, seed, js=f"() => Math.floor(Math.random() * {SEEDS})")
    typing = [one for name, one in parts.items() if not name.startswith("file-")]
    gr.on(
        [one.change for one in (*typing, seed, lock)],
        None,
        [kept, seed, lock, *typing],
        kept,
        js=f"(...given) => bottega.typed({json.dumps([act, *(n for n in names if not n.startswith('file-'))])}, given)",
    )


def offered(now: Mapping[str, Any], every: "Sequence[ModelEntry]") -> hand.Offer | None:
    """What the act that is chosen does with what is in hand; ``every`` is all models."""
    items = hand.items(now["works"], now["words"], now["titles"])
    found = hand.offers(items, model_of(now, every), frozenset(one.medium for one in every))
    return next((one for one in found if one.act == now["act"]), None)


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
    now: Mapping[str, Any], given: Mapping[str, Any], language: str, files: Mapping[str, str] | None = None
) -> Any:
    """Hands the act over as a job.

    Args:
        given: the values of the controls, by name.
        files: further files, by the names of their inputs.

    Raises:
        UsageError: something is lacking, or a value that makes no sense.
    """
    from bottega.library import jobs, models
    from bottega.wishes import asked

    operation, every = hand.operation_of(now["act"]), models.all()
    model = model_of(now, every)
    kind, usual, _left_out = schema(operation, model)
    wishes = values(kind, given, usual)
    asked(kind, wishes, operation.name if operation else hand.GENERATE)
    if operation is None:
        label, n = given.get("label") or None, int(given.get("n") or 1)
        arguments = {"model": str(model.path), "n": n, "seed": now["seed"], "label": label, **wishes}  # type: ignore[union-attr]
        return jobs.submit("generate", arguments, origin="page", language=language)
    offer = offered(now, every)
    if offer is None:
        raise UsageError(_("What was in hand is no longer there. Take something in hand first."))
    before = {name: hand.item(one).argument for name, one in now["more"].items()}
    arguments = hand.arguments(operation, offer, {**before, **(files or {})})
    takes = model is not None and operation.model != "none" and given.get("use-model", True)
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


def _roles(offer: hand.Offer) -> None:
    """Which work is what, where there are several."""
    if len({name for name, _one in offer.roles} | set(offer.more)) < 2:
        return
    rows = [*offer.roles, *offer.more.items()]
    each = "".join(f"<li><b>{html.escape(said(name, INPUTS))}</b> {html.escape(one.title)}</li>" for name, one in rows)
    gr.HTML(f'<ul class="roles">{each}</ul>', padding=False)


def _inputs(
    operation: Operation, offer: hand.Offer, before: Mapping[str, str], model: "ModelEntry | None"
) -> dict[str, Any]:
    """What an operation takes beside its works: a mask to be painted, a file to be dropped, a model or not.

    Args:
        before: the names of files that were given so when a work was made that is made again.
    """
    parts: dict[str, Any] = {}
    for one in operation.inputs:
        if not one.option or one.name in offer.more:
            continue
        about = _(one.about)
        if one.kind == "mask" and offer.roles:
            parts[f"file-{one.name}"] = _canvas(offer.roles[0][1], one)
            if one.name in before:
                said_of_it = html.escape(_("Unpainted, the mask of before is used."))
                gr.HTML(f'<p class="hint">{said_of_it}</p>', padding=False)
        elif one.kind != "mask":
            label = f"{said(one.name, INPUTS)} – {about}"
            parts[f"file-{one.name}"] = gr.File(label=label, file_count="single", height=90, interactive=True)
    if operation.model == "optional" and model:
        label = _("Use the model {name}").format(name=model.name)
        parts["use-model"] = gr.Checkbox(True, label=label, elem_id="use-model", interactive=True)
    return parts


def _canvas(work: hand.Item, one: Input) -> Any:
    """The picture itself, to be painted on."""
    from PIL import Image

    from bottega.media import kinds, video

    first = work.medium == "video"  # of a film the first frame: all of it could fill the memory
    pixels = video.read(work.file, seconds=FRAME).frames[0] if first else kinds.read(work.file)
    picture = Image.fromarray(np.ascontiguousarray(pixels[..., :3]))
    scale = CANVAS / max(picture.size)
    smooth = Image.Resampling.NEAREST if scale >= 2 else Image.Resampling.LANCZOS
    picture = picture.resize((max(1, round(picture.width * scale)), max(1, round(picture.height * scale))), smooth)
    return gr.ImageEditor(
        {"background": np.asarray(picture), "layers": [], "composite": np.asarray(picture)},
        label=_("Paint over what is to change"),
        type="numpy",
        image_mode="RGBA",
        sources=(),
        transforms=(),
        layers=False,
        canvas_size=picture.size,
        brush=gr.Brush(default_size=max(picture.size) // 18, colors=[BRUSH], default_color=BRUSH, color_mode="fixed"),
        elem_id="mask",
        interactive=True,
        height=460,
    )


def _span(kind: type[Wishes], offer: hand.Offer) -> tuple[str, ...]:
    """A ruler with a sound or film on which a passage is marked by dragging; the settings that it fills in."""
    first = offer.roles[0][1] if offer.roles else None
    fields = kind.model_fields
    for_ = ("start", "end") if "start" in fields and "end" in fields else ("at",) if "at" in fields else ()
    if first is None or not for_ or not first.seconds:
        return ()
    place = f"/make/dropped/{first.name}" if first.name.startswith("drop-") else f"/media/{first.name}"
    play = place if first.name.startswith("drop-") else f"{place}/play"
    player = (
        f'<audio src="{play}" controls preload="metadata"></audio>'
        if first.medium in ("audio", "score")
        else f'<video src="{play}" controls muted preload="metadata"></video>'
    )
    picture = _wave(first) if first.medium == "audio" else ""
    hint = html.escape(_("Drag over the passage you mean."))
    gr.HTML(
        f'<div class="span" data-seconds="{first.seconds:.3f}" data-for="{" ".join(for_)}" role="group" '
        f'aria-label="{hint}">{picture}<div class="passage"></div></div>{player}'
        f'<p class="soft">{hint}</p>',
        elem_id="span",
        padding=False,
    )
    return for_


def _wave(sound: hand.Item) -> str:
    """How loud a sound is from its beginning to its end, exactly as wide as the ruler."""
    from bottega.media import kinds

    samples = np.abs(kinds.read(sound.file).samples).max(0)  # type: ignore[arg-type, union-attr]
    peaks = [float(part.max()) if part.size else 0.0 for part in np.array_split(samples, WAVE)]
    loudest = max(peaks) or 1.0
    bars = "".join(
        f"M{k} {50 - 46 * peak / loudest:.1f}V{50 + 46 * peak / loudest:.1f}" for k, peak in enumerate(peaks)
    )
    return f'<svg viewBox="0 0 {WAVE} 100" preserveAspectRatio="none" aria-hidden="true"><path d="{bars}"/></svg>'


def _files(given: Mapping[str, Any]) -> dict[str, str]:
    """Painted masks and dropped files, checked and kept, by the names of their inputs."""
    found = {}
    for name, value in given.items():
        if not name.startswith("file-") or value is None:
            continue
        if isinstance(value, dict):
            mask = painted(value)
            if mask is not None:
                found[name.removeprefix("file-")] = str(_kept(mask))
        else:
            found[name.removeprefix("file-")] = hand.drop(value).argument
    return found


def painted(value: Mapping[str, Any]) -> "np.ndarray | None":
    """The mask out of what was painted, uint8 ``(H, W)`` with 255 where something was; None where nothing was."""
    layers = [layer for layer in value.get("layers") or [] if layer is not None and layer.ndim == 3]
    marks = [layer[..., 3] > 0 for layer in layers if layer.shape[2] == 4]
    if not marks or not (mask := np.logical_or.reduce(marks)).any():
        return None
    return np.where(mask, np.uint8(255), np.uint8(0))


def _kept(mask: np.ndarray) -> Path:
    from PIL import Image

    from bottega.studio.safety import uploads

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "mask.png"
        Image.fromarray(mask).save(file)
        return uploads.accept(file)
