"""Twelve palettes mixed by hand: whatever a picture shows, its colours come from one of them."""

from dataclasses import dataclass

Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Palette:
    """The pots of paint on the table for one picture.

    ``wash`` and ``deep`` are the light and the dark pair for backgrounds, ``pigments`` the colours for what is shown,
    ``paper`` the lightest and ``ink`` the darkest tone.
    """

    name: str
    paper: Colour
    wash: tuple[Colour, Colour]
    deep: tuple[Colour, Colour]
    pigments: tuple[Colour, ...]
    leaf: Colour
    ink: Colour


def _palette(name: str, paper: str, wash: str, deep: str, pigments: str, leaf: str, ink: str) -> Palette:
    def colours(text: str) -> tuple[Colour, ...]:
        return tuple((int(h[:2], 16), int(h[2:4], 16), int(h[4:], 16)) for h in text.split())

    light, dark = colours(wash), colours(deep)
    return Palette(
        name,
        colours(paper)[0],
        (light[0], light[1]),
        (dark[0], dark[1]),
        colours(pigments),
        colours(leaf)[0],
        colours(ink)[0],
    )


PALETTES = (
    _palette(
        "persimmon",
        "F6EAD7",
        "F3D9B1 E9B872",
        "1D3B4A 2F5D62",
        "D1495B E8743B EDAE49 00798C F6EAD7",
        "4C7A5A",
        "22223B",
    ),
    _palette(
        "delft", "F5F0E1", "DCE6EA A9C3D6", "1B2A4E 30507F", "2F5AA8 6C9BCF E4572E F2C14E F5F0E1", "5E8C7A", "141E36"
    ),
    _palette(
        "moss", "F3EFD9", "E4E2BC C1C99A", "24361F 4A5D32", "BC5A2B DDA15E 4F7484 F3E3B3 8C3B2E", "5B7034", "1F2A17"
    ),
    _palette(
        "rose", "FBEDE6", "F7D4CB EDAFA5", "4A2038 7A3350", "C83E5B F08A7B 2F6F73 F6C667 FBEDE6", "5D8A66", "2E1530"
    ),
    _palette(
        "night market",
        "F7E6C4",
        "C9D0E5 8E9CC9",
        "0F1836 29306B",
        "F2A541 E4572E 8D6AD1 F7E6C4 3FA7A0",
        "3C7D70",
        "0A0F24",
    ),
    _palette(
        "desert", "FAEBD0", "F4C795 E99F6C", "5B2A33 8C4A3C", "B23A2E E07B39 2C7A7B F5D491 6B3550", "6F7D3B", "33161F"
    ),
    _palette(
        "winter", "F4F5F0", "D9E4E8 B4CBD3", "2B3A4B 4C6478", "C3423F 7FA3B5 3D5A73 E8C27A F4F5F0", "4F7568", "1C2733"
    ),
    _palette(
        "plum", "F4E6E6", "E0C6DD B994C2", "2B1B45 523A78", "E36588 F4B860 8FB8DE F4E6E6 9A4C95", "5B8E7D", "1D1030"
    ),
    _palette(
        "lemon", "FFF6D6", "FBE28A F5C84C", "174A5A 2A7F86", "E4572E 17768A FFF6D6 D9376E 2E4057", "3F8F5F", "14303B"
    ),
    _palette(
        "jade", "EFF3E2", "BFDDCB 86BDA6", "0E3B3A 1F6357", "E4703F F2C464 EFF3E2 C4344F 2C8C7C", "3E8A5F", "0B2626"
    ),
    _palette(
        "kraft", "F1E4CC", "DDBF94 C49E6C", "3A2A22 64483A", "B3261E F1E4CC 1F1B1A D98E32 5F7F86", "66703F", "1B1412"
    ),
    _palette(
        "lagoon", "F8F2E4", "AEE0DD 6BC2C6", "0B3954 1A6A8A", "FF6B57 FFC857 F8F2E4 0B5C86 C94277", "2C8F7B", "08263A"
    ),
)


def mix(a: Colour, b: Colour, share: float) -> Colour:
    """The colour on the way from ``a`` (share 0) to ``b`` (share 1)."""
    return (
        round(a[0] + (b[0] - a[0]) * share),
        round(a[1] + (b[1] - a[1]) * share),
        round(a[2] + (b[2] - a[2]) * share),
    )


def distance(a: Colour, b: Colour) -> float:
    """How well one colour stands out from another, 0 … 1; lightness counts most, as it does at thumbnail size."""
    light = 0.3 * (a[0] - b[0]) + 0.59 * (a[1] - b[1]) + 0.11 * (a[2] - b[2])
    hue = abs(a[0] - a[2] - b[0] + b[2]) + abs(a[1] - a[2] - b[1] + b[2])
    return (abs(light) + 0.25 * hue) / 255


def warmth(colour: Colour) -> int:
    """How much a colour leans to red and yellow."""
    return colour[0] - colour[2]


def is_dark(colour: Colour) -> bool:
    return 0.3 * colour[0] + 0.59 * colour[1] + 0.11 * colour[2] < 110
