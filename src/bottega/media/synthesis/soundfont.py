"""SoundFont files (SF2, and SF3 with its compressed samples): which samples a preset plays, and how.

Read as the SoundFont 2.04 specification (E-mu, 1998) lays them out. What a note needs is honoured: ranges of keys and
strengths, tuning, loops, attenuation, pan, the volume envelope and the resting filter; oscillators and controllers,
which colour a held note, are not. The file is mapped, not loaded, so a large one costs no memory.
"""

import io
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np

from bottega.errors import DataError
from bottega.language import _

DRUM_BANK = 128
MOST_REGIONS = 4_096  # of one preset
COMPRESSED = 0x10
TYPES = {
    b"phdr": np.dtype([("name", "S20"), ("program", "<u2"), ("bank", "<u2"), ("bag", "<u2"), ("rest", "V12")]),
    b"pbag": np.dtype([("gen", "<u2"), ("mod", "<u2")]),
    b"pgen": np.dtype([("kind", "<u2"), ("amount", "<i2")]),
    b"inst": np.dtype([("name", "S20"), ("bag", "<u2")]),
    b"ibag": np.dtype([("gen", "<u2"), ("mod", "<u2")]),
    b"igen": np.dtype([("kind", "<u2"), ("amount", "<i2")]),
    b"shdr": np.dtype(
        [
            *(("name", "S20"), ("start", "<u4"), ("end", "<u4"), ("loop_start", "<u4"), ("loop_end", "<u4")),
            *(("rate", "<u4"), ("pitch", "u1"), ("correction", "i1"), ("link", "<u2"), ("type", "<u2")),
        ]
    ),
}
INSTRUMENT, SAMPLE, KEYS, STRENGTHS, ROOT, MODES, SCALE = 41, 53, 43, 44, 58, 54, 56
FILTER, PAN, DELAY, ATTACK, HOLD, DECAY, SUSTAIN, RELEASE = 8, 17, 33, 34, 35, 36, 37, 38
ATTENUATION, COARSE, FINE = 48, 51, 52
PLACES = ((0, 4), (1, 12), (2, 45), (3, 50))  # fine and coarse offsets of start, end, loop start and loop end
DEFAULTS = {FILTER: 13_500, ROOT: -1, SCALE: 100, **dict.fromkeys((DELAY, ATTACK, HOLD, DECAY, RELEASE), -12_000)}
OWN = {KEYS, STRENGTHS, SAMPLE, INSTRUMENT, ROOT, MODES}  # not added up over instrument and preset


@dataclass(frozen=True)
class Region:
    """A sample and how it is played for some keys and strengths; values by number of the generator."""

    sample: int
    keys: tuple[int, int]
    strengths: tuple[int, int]
    values: dict[int, int]

    def value(self, kind: int) -> int:
        """What the file says, or else the default."""
        return self.values.get(kind, DEFAULTS.get(kind, 0))

    def time(self, kind: int) -> float:
        """Seconds; the file has them as cents of an octave of time."""
        return 2.0 ** (min(max(self.value(kind), -12_000), 8_000) / 1200)


class SoundFont:
    """An opened SoundFont.

    Raises:
        DataError: it is not there, or no SoundFont, or damaged.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.bytes = np.memmap(path, np.uint8, "r")
        except (OSError, ValueError) as error:  # an empty file cannot be mapped
            raise DataError(_("There is no SoundFont at {path}.").format(path=path)) from error
        if self.bytes[:4].tobytes() != b"RIFF" or self.bytes[8:12].tobytes() != b"sfbk":
            raise DataError(_("{path} is no SoundFont (.sf2 or .sf3).").format(path=path))
        chunks = self.chunks(12, len(self.bytes))
        if not {*TYPES, b"smpl"} <= set(chunks):
            raise self.damaged()
        self.smpl = chunks[b"smpl"]
        self.tables = {}
        for name, kind in TYPES.items():
            begin, end = chunks[name]
            size = (end - begin) // kind.itemsize * kind.itemsize
            self.tables[name] = np.frombuffer(self.bytes[begin : begin + size].tobytes(), kind)
        if len(self.tables[b"phdr"]) < 2 or len(self.tables[b"shdr"]) < 2:
            raise self.damaged()
        self.sample = lru_cache(256)(self.read_sample)
        self.regions = lru_cache(256)(self.read_regions)

    def damaged(self) -> DataError:
        """The error for a file that is not whole."""
        return DataError(_("{path} cannot be played; it may be damaged.").format(path=self.path))

    def chunks(self, begin: int, end: int) -> dict[bytes, tuple[int, int]]:
        """Where each chunk begins and ends, those inside lists too."""
        found: dict[bytes, tuple[int, int]] = {}
        while begin + 8 <= end:
            name, size = self.bytes[begin : begin + 4].tobytes(), int(self.bytes[begin + 4 : begin + 8].view("<u4")[0])
            inside, stop = begin + 8, min(begin + 8 + size, end)
            if name == b"LIST":
                found |= self.chunks(inside + 4, stop)
            else:
                found[name] = inside, stop
            begin = stop + size % 2
        return found

    def preset(self, program: int, drums: bool) -> int:
        """The row of the preset for a General MIDI program, or of the nearest thing to it."""
        rows = self.tables[b"phdr"][:-1]
        bank = np.where(rows["bank"] == (DRUM_BANK if drums else 0), 0, 1_000 + rows["bank"].astype(int))
        wanted = 0 if drums else program
        away = np.where(rows["program"] == wanted, 0, 200 + rows["program"].astype(int))
        return int(np.lexsort((np.arange(len(rows)), away, bank))[0])

    def zones(self, table: str, row: int) -> list[dict[int, int]]:
        """The zones of a preset ("p") or an instrument ("i"), each with what its global zone says below its own."""
        heads, kind = (self.tables[b"phdr"], INSTRUMENT) if table == "p" else (self.tables[b"inst"], SAMPLE)
        bags, gens = self.tables[f"{table}bag".encode()], self.tables[f"{table}gen".encode()]
        if row + 1 >= len(heads):
            return []
        edges = bags["gen"][heads["bag"][row] : int(heads["bag"][row + 1]) + 1].tolist()
        shared: dict[int, int] = {}
        found = []
        for begin, end in pairwise(edges[:MOST_REGIONS]):
            own = dict(zip(gens["kind"][begin:end].tolist(), gens["amount"][begin:end].tolist(), strict=True))
            if kind in own:
                found.append({**shared, **own})
            elif not found:
                shared = own
        return found

    def read_regions(self, preset: int) -> list[Region]:
        """Everything that a preset may play."""
        found = []
        for outer in self.zones("p", preset):
            for inner in self.zones("i", outer[INSTRUMENT] & 0xFFFF):
                values = dict(inner)
                for kind, amount in outer.items():
                    if kind not in OWN:
                        values[kind] = values.get(kind, DEFAULTS.get(kind, 0)) + amount
                both = [(shared_range(outer, kind), shared_range(inner, kind)) for kind in (KEYS, STRENGTHS)]
                keys, strengths = ((max(a[0], b[0]), min(a[1], b[1])) for a, b in both)
                number = inner[SAMPLE] & 0xFFFF
                if keys[0] <= keys[1] and strengths[0] <= strengths[1] and number < len(self.tables[b"shdr"]) - 1:
                    found.append(Region(number, keys, strengths, values))
                if len(found) >= MOST_REGIONS:
                    return found
        return found

    def read_sample(self, number: int) -> tuple[np.ndarray, int, int]:
        """The samples of one recording, float32, and where its loop begins and ends."""
        head = self.tables[b"shdr"][number]
        start, end = int(head["start"]), int(head["end"])
        begin, stop = self.smpl
        if head["type"] & COMPRESSED:
            import soundfile

            data = self.bytes[begin + start : min(begin + end, stop)].tobytes()
            try:
                samples = soundfile.read(io.BytesIO(data), dtype="float32", always_2d=True)[0][:, 0]
            except (RuntimeError, OSError) as error:
                raise self.damaged() from error
            return samples, int(head["loop_start"]), int(head["loop_end"])
        place = min(begin + 2 * start, stop)
        data = self.bytes[place : max(place, min(begin + 2 * end, stop))]
        samples = data[: len(data) // 2 * 2].view("<i2").astype(np.float32) / 32_768
        return samples, int(head["loop_start"]) - start, int(head["loop_end"]) - start


def shared_range(zone: dict[int, int], kind: int) -> tuple[int, int]:
    """The lowest and highest key or strength of a zone: two bytes of one number."""
    amount = zone.get(kind, 127 << 8) & 0xFFFF
    return amount & 255, amount >> 8
