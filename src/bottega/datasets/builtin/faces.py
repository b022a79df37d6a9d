"""Masks: faces that look back."""

import numpy as np

from bottega.datasets.builtin.grounds import paper
from bottega.datasets.builtin.hand import Piece, Sheet
from bottega.datasets.builtin.palette import Colour, distance, mix
from bottega.datasets.builtin.shapes import (
    curve,
    ellipse,
    leaf,
    mirror,
    move,
    polygon,
    rectangle,
    scallop,
    smooth,
    star,
    stroke,
)


def masks(sheet: Sheet) -> None:
    """A carnival mask seen from the front: head, headdress, eyes, nose, mouth and ornament each of several kinds."""
    paper(sheet, 0.5)
    skin, second, third, fourth = sheet.colours(4, least=0.2)
    if skin == sheet.palette.ink and sheet.chance(0.7):
        skin, second = second, skin
    w, top, chin = sheet.between(0.25, 0.31), sheet.between(0.22, 0.28), sheet.between(0.84, 0.92)
    _headdress(sheet, w, top, second, third)
    middle = (top + chin) / 2
    head = sheet.pick(
        (
            [(0, top), (w * 0.75, top + 0.05), (w, middle - 0.05), (w * 0.8, middle + 0.17), (0, chin)],
            [(0, top), (w * 0.9, top + 0.06), (w * 0.98, middle), (w * 0.62, chin - 0.08), (0, chin)],
            [(0, top + 0.02), (w, top), (w * 0.96, middle), (w * 0.85, chin - 0.06), (0, chin)],
            [(0, top), (w * 0.72, top + 0.03), (w * 0.86, middle), (w, chin - 0.13), (0, chin)],
        )
    )
    right = np.array(head)
    outline = move(smooth(np.concatenate([right, (right * (-1, 1))[-2:0:-1]]), 5), 0.5)
    face = sheet.cut(outline, skin, tremble=0.002)
    _paint(sheet, face, w, top, chin, skin, second, third)
    eyes = top + (chin - top) * sheet.between(0.36, 0.44)
    _eyes(sheet, w, eyes, skin, fourth)
    _nose_and_mouth(sheet, w, eyes, chin, skin, third)


def _headdress(sheet: Sheet, w: float, top: float, a: Colour, b: Colour) -> None:
    kind = sheet.pick(("feathers", "horns", "crown", "rays", "ears", "hair", "leaves"))
    y = top + 0.12
    if kind == "feathers":
        n = sheet.pick((5, 7, 9))
        spread = np.linspace(-1.25, 1.25, n)
        for i, turn in enumerate(sorted(spread, key=abs, reverse=True)):
            plume = move(leaf(0.36, 0.13, 1.4), 0.5 + w * 0.6 * np.sin(turn), y, turn=turn - np.pi / 2)
            sheet.cut(plume, a if i % 2 == 0 else b)
    elif kind == "horns":
        horn = move(
            smooth(
                [(w * 0.5, y), (w * 1.15, y - 0.02), (w * 1.45, y - 0.3), (w * 1.1, y - 0.14), (w * 0.6, y - 0.1)], 4
            ),
            0.5,
        )
        mask = sheet.cut([horn, mirror(horn)], a)
        sheet.lines([polygon((0, y - d), (1, y - d)) for d in (0.05, 0.11, 0.17)], 0.016, b, within=mask)
    elif kind == "crown":
        n = sheet.pick((3, 5))
        x = np.linspace(-w, w, 2 * n + 1) + 0.5
        peaks = np.stack([x, np.where(np.arange(2 * n + 1) % 2 == 1, top - 0.17, top - 0.03)], 1)
        sheet.cut(np.concatenate([peaks, [(0.5 + w * 0.8, y + 0.05), (0.5 - w * 0.8, y + 0.05)]]), a)
        sheet.cut([ellipse(px, top - 0.16, 0.035, n=16) for px in x[1::2]], b)
    elif kind == "rays":
        ear = [(w * 0.35, y - 0.02), (w * 0.75, top - 0.2), (w * 1.1, top - 0.05), (w * 0.95, y + 0.1)]
        ear = move(smooth(ear, 4), 0.5)
        sheet.cut(star(0.5, 0.54, 0.41, 16, 0.86, 0.1), b)
    elif kind == "ears":
        ear = move(
            smooth([(w * 0.35, y - 0.02), (w * 0.75, top - 0.2), (w * 1.1, top - 0.05), (w * 0.95, y + 0.1)], 4), 0.5
        )
        inner = (ear - ear.mean(0)) * 0.55 + ear.mean(0)
        sheet.cut([ear, mirror(ear)], a)
        sheet.cut([inner, mirror(inner)], b, shadow=0)
    elif kind == "hair":
        sheet.cut(scallop(0.5, top + 0.22, w * 1.38, sheet.whole(9, 14), 0.17), a)
    else:
        blades = [
            move(leaf(0.3, 0.13), 0.5 + w * 0.9 * np.sin(t), top + 0.2 - 0.16 * np.cos(t), turn=t - np.pi / 2)
            for t in np.linspace(-1.6, 1.6, 9)
        ]
        sheet.cut(blades[::2], a)
        sheet.cut(blades[1::2], b)


def _paint(sheet: Sheet, face: Piece, w: float, top: float, chin: float, skin: Colour, a: Colour, b: Colour) -> None:
    """Colour on the face itself, all clipped to it."""
    kind = sheet.pick(("half", "brow", "cheeks", "stripes", "jaw", "dots", "diamond", "none"))
    if kind == "half":
        sheet.cut(rectangle(0.5, 0, 1, 1), mix(a, skin, 0.1), within=face)
    elif kind == "brow":
        sheet.cut(
            smooth([(0, 0), (1, 0), (0.5 + w, top + 0.2), (0.5, top + 0.34), (0.5 - w, top + 0.2)], 3), a, within=face
        )
    elif kind == "cheeks":
        y = (top + chin) / 2 + 0.1
        sheet.cut([ellipse(0.5 + s * w * 0.62, y, w * 0.24) for s in (-1, 1)], a, within=face)
    elif kind == "stripes":
        marks = [
            stroke(curve([(0.5 + w * 0.45, y), (0.5 + w * 0.75, y + 0.015), (0.5 + w * 1.1, y + 0.05)]), (0.008, 0.034))
            for y in (0.56, 0.63, 0.7)
        ]
        sheet.cut([*marks, *(mirror(m) for m in marks)], a, within=face)
    elif kind == "jaw":
        sheet.cut(
            smooth([(0, chin - 0.22), (0.5, chin - 0.27), (1, chin - 0.22), (1, 1.1), (0, 1.1)], 3), a, within=face
        )
    elif kind == "dots":
        arc = np.linspace(-1.1, 1.1, 9)
        sheet.dots([(0.5 + w * 0.78 * np.sin(t), top + 0.2 - 0.13 * np.cos(t), 0.017) for t in arc], a, within=face)
    elif kind == "diamond":
        sheet.cut(ellipse(0.5, top + 0.1, 0.05, 0.085, 4), a, within=face)
        sheet.dots([(0.5 + s * 0.09, top + 0.12, 0.02) for s in (-1, 1)], b, within=face)


def _eyes(sheet: Sheet, w: float, y: float, skin: Colour, iris: Colour) -> None:
    x, kind = w * 0.46, sheet.pick(("almond", "almond", "round", "slit", "spiral"))
    white, dark = sheet.palette.paper, sheet.palette.ink
    tilt = sheet.between(-0.3, 0.3)
    if kind in ("almond", "slit"):
        open_ = 0.55 if kind == "almond" else 0.24
        shape = move(leaf(w * 0.66, w * 0.66 * open_) - (w * 0.33, 0), 0.5 + x, y, turn=tilt)
        rim = move(leaf(w * 0.78, w * 0.78 * open_ + 0.02) - (w * 0.39, 0), 0.5 + x, y, turn=tilt)
        sheet.cut([rim, mirror(rim)], mix(skin, dark, 0.7), shadow=0, tremble=0.001)
        mask = sheet.cut([shape, mirror(shape)], white, shadow=0, tremble=0.001)
        if kind == "almond":
            sheet.dots(
                [(0.5 + s * x, y, w * 0.15) for s in (-1, 1)],
                iris if distance(iris, white) > 0.25 else dark,
                within=mask,
            )
        sheet.dots([(0.5 + s * x, y, w * 0.09) for s in (-1, 1)], dark, within=mask)
    else:
        sheet.dots([(0.5 + s * x, y, w * 0.31) for s in (-1, 1)], mix(skin, dark, 0.7))
        rings = ((0.27, white), (0.19, iris if distance(iris, white) > 0.15 else dark), (0.09, dark))
        for r, colour in rings if kind == "round" else (*rings[:1], (0.2, dark), (0.13, white), (0.06, dark)):
            sheet.dots([(0.5 + s * x, y, w * r) for s in (-1, 1)], colour)
    brow = curve(
        [
            (0.5 + w * 0.12, y - 0.075 - tilt * 0.05),
            (0.5 + x, y - 0.115 - 0.02),
            (0.5 + w * 0.85, y - 0.075 + tilt * 0.08),
        ]
    )
    if sheet.chance(0.8):
        brow = stroke(brow, (0.012, 0.034, 0.01))
        sheet.cut([brow, mirror(brow)], mix(skin, sheet.contrast(skin), 0.85), shadow=0, tremble=0.001)


def _nose_and_mouth(sheet: Sheet, w: float, eyes: float, chin: float, skin: Colour, lips: Colour) -> None:
    shade = mix(skin, sheet.contrast(skin), 0.4)
    tip = eyes + (chin - eyes) * sheet.between(0.36, 0.46)
    kind = sheet.pick(("wedge", "ball", "ridge", "beak"))
    if kind == "wedge":
        sheet.cut(
            polygon(
                (0.5 - 0.014, eyes - 0.02), (0.5 + 0.014, eyes - 0.02), (0.5 + w * 0.22, tip), (0.5 - w * 0.22, tip)
            ),
            shade,
            shadow=0.2,
        )
    elif kind == "ball":
        sheet.cut(ellipse(0.5, tip - 0.02, w * 0.17), lips if distance(lips, skin) > 0.15 else shade)
    elif kind == "ridge":
        side = curve(
            [
                (0.5 - 0.03, eyes - 0.05),
                (0.5 - 0.02, (eyes + tip) / 2),
                (0.5 - w * 0.2, tip),
                (0.5 + w * 0.1, tip + 0.005),
            ]
        )
        sheet.cut(stroke(side, (0.012, 0.026)), shade, shadow=0, tremble=0.001)
    else:
        sheet.cut(
            smooth(
                [
                    (0.5 - 0.035, eyes),
                    (0.5 + 0.035, eyes),
                    (0.5 + 0.05, tip - 0.04),
                    (0.5, tip + 0.06),
                    (0.5 - 0.05, tip - 0.04),
                ],
                4,
            ),
            shade,
        )
    y = tip + (chin - tip) * sheet.between(0.42, 0.52)
    red = lips if distance(lips, skin) > 0.2 else sheet.contrast(skin)
    half = w * sheet.between(0.36, 0.6)
    mouth = sheet.pick(("smile", "open", "teeth", "lips", "frown"))
    if mouth in ("smile", "frown"):
        bow = 0.05 if mouth == "smile" else -0.045
        sheet.cut(
            stroke(
                curve([(0.5 - half, y - bow * 0.6), (0.5, y + bow * 0.6), (0.5 + half, y - bow * 0.6)]),
                (0.012, 0.045, 0.012),
            ),
            red,
            shadow=0,
            tremble=0.001,
        )
    elif mouth == "open":
        inside = sheet.cut(ellipse(0.5, y, half * 0.6, (chin - y) * 0.5), sheet.palette.ink, shadow=0)
        sheet.cut(ellipse(0.5, y + (chin - y) * 0.42, half * 0.5, (chin - y) * 0.28), red, within=inside)
    elif mouth == "teeth":
        gap = 0.045
        inside = sheet.cut(
            smooth(
                [
                    (0.5 - half, y - gap),
                    (0.5 + half, y - gap),
                    (0.5 + half * 0.7, y + gap),
                    (0.5 - half * 0.7, y + gap),
                ],
                4,
            ),
            sheet.palette.paper,
            shadow=0,
        )
        bars = [polygon((0.5 + d * half, y - 0.1), (0.5 + d * half, y + 0.1)) for d in (-0.66, -0.33, 0, 0.33, 0.66)]
        sheet.lines([*bars, polygon((0, y), (1, y))], 0.012, sheet.palette.ink, within=inside)
    else:
        sheet.cut(
            smooth(
                [
                    (0.5 - half * 0.8, y),
                    (0.5 - 0.04, y - 0.035),
                    (0.5, y - 0.02),
                    (0.5 + 0.04, y - 0.035),
                    (0.5 + half * 0.8, y),
                    (0.5, y + 0.05),
                ],
                4,
            ),
            red,
            shadow=0,
        )
        sheet.lines([polygon((0.5 - half * 0.7, y), (0.5 + half * 0.7, y))], 0.010, mix(red, sheet.palette.ink, 0.6))
