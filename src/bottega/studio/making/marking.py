"""What is marked by hand in the Make room: a mask that is painted, and the passage of a sound or a film."""

import html
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np

from bottega.language import _
from bottega.studio.making import hand
from bottega.wishes import Wishes

CANVAS = 900
"""Pixels of the longer side of a picture that is painted on; a mask may have another size than its picture."""
BRUSH = "rgba(214, 69, 65, 0.75)"
FRAME = 0.05
"""Seconds of a film that are read for its first frame."""
WAVE = 480
"""Strokes of a drawn sound."""


def canvas(work: hand.Item) -> Any:
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


def painted(value: Mapping[str, Any]) -> "np.ndarray | None":
    """The mask out of what was painted, uint8 ``(H, W)`` with 255 where something was; None where nothing was."""
    layers = [layer for layer in value.get("layers") or [] if layer is not None and layer.ndim == 3]
    marks = [layer[..., 3] > 0 for layer in layers if layer.shape[2] == 4]
    if not marks or not (mask := np.logical_or.reduce(marks)).any():
        return None
    return np.where(mask, np.uint8(255), np.uint8(0))


def kept(mask: np.ndarray) -> Path:
    """A mask as a file, kept like one that was dropped."""
    from PIL import Image

    from bottega.studio.safety import uploads

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "mask.png"
        Image.fromarray(mask).save(file)
        return uploads.accept(file)


def span(kind: type[Wishes], offer: hand.Offer) -> tuple[str, ...]:
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
