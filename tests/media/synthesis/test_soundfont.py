"""SoundFonts: a file made here plays in tune, loops, fades, and harms nobody when it is damaged."""

import contextlib
import io
import random
import struct

import numpy as np
import pytest
import soundfile

from bottega.errors import DataError
from bottega.media.score import Score, Track
from bottega.media.synthesis import render
from bottega.media.synthesis.sampled import sampled_note
from bottega.media.synthesis.soundfont import SoundFont

RATE = 22_050


def chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + bytes(len(data) % 2)


def listed(name: bytes, *chunks: bytes) -> bytes:
    return chunk(b"LIST", name + b"".join(chunks))


def named(name: str, layout: str, *values: int) -> bytes:
    return name.encode().ljust(20, b"\0") + struct.pack(layout, *values)


def generators(*pairs: tuple[int, int]) -> bytes:
    return b"".join(struct.pack("<HH", kind, amount & 0xFFFF) for kind, amount in pairs)


def soundfont(*, compressed: bool = False, zone: tuple[tuple[int, int], ...] = ()) -> bytes:
    """Two presets: a looped sine of C4 as program 0, half a second of noise as the drums of bank 128."""
    sine = np.sin(2 * np.pi * 100 / 8_428 * np.arange(8_428))  # 100 turns: 261.6 Hz at 22,050
    hiss = np.random.default_rng(1).uniform(-0.5, 0.5, RATE // 2)
    if compressed:
        parts = []
        for one in (sine, hiss):
            file = io.BytesIO()
            soundfile.write(file, one * 0.6, RATE, format="OGG", subtype="VORBIS")
            parts.append(file.getvalue())
        data, edges = b"".join(parts), (0, len(parts[0]), len(parts[0]) + len(parts[1]))
        heads = [(edges[0], edges[1], 0, 8_428, 0x11), (edges[1], edges[2], 0, 0, 0x11)]
    else:
        data = b"".join((one * 20_000).astype("<i2").tobytes() + bytes(92) for one in (sine, hiss))
        heads = [(0, 8_428, 0, 8_428, 1), (8_474, 8_474 + len(hiss), 8_474, 8_474, 1)]
    tables = {
        b"phdr": named("Sine", "<HHHIII", 0, 0, 0, 0, 0, 0)
        + named("Kit", "<HHHIII", 0, 128, 1, 0, 0, 0)
        + named("EOP", "<HHHIII", 0, 0, 2, 0, 0, 0),
        b"pbag": struct.pack("<6H", 0, 0, 1, 0, 2, 0),
        b"pmod": bytes(10),
        b"pgen": generators((41, 0), (41, 1), (0, 0)),
        b"inst": named("Sine", "<H", 0) + named("Kit", "<H", 1) + named("EOI", "<H", 2),
        b"ibag": struct.pack("<6H", 0, 0, 2 + len(zone), 0, 3 + len(zone), 0),
        b"imod": bytes(10),
        b"igen": generators(*zone, (54, 1), (53, 0), (53, 1), (0, 0)),
        b"shdr": b"".join(
            named("one", "<IIIIIBbHH", *head[:4], RATE, 60, 0, 0, head[4]) for head in [*heads, (0, 0, 0, 0, 0)]
        ),
    }
    body = listed(b"INFO", chunk(b"ifil", struct.pack("<HH", 2, 1))) + listed(b"sdta", chunk(b"smpl", data))
    return chunk(b"RIFF", b"sfbk" + body + listed(b"pdta", *(chunk(name, one) for name, one in tables.items())))


def score_of(*notes: list[int], drums: bool = False) -> Score:
    return Score([Track("", 5, drums, np.array(notes, np.int32))])


def pitch_of(tone: np.ndarray) -> float:
    spectrum = np.abs(np.fft.rfft(tone * np.hanning(len(tone)), 1 << 18))
    return float(np.argmax(spectrum)) * RATE / (1 << 18)


@pytest.mark.parametrize("compressed", [False, True])
def test_a_soundfont_plays_in_tune_and_loops(tmp_path, compressed):
    path = tmp_path / "one.sf3"
    path.write_bytes(soundfont(compressed=compressed))
    sound = render(score_of([0, 1_920, 69, 100]), RATE, path)  # two seconds of a sample of 0.38 seconds
    assert np.abs(sound.samples).max() == pytest.approx(0.89, abs=1e-3)
    assert pitch_of(sound.samples[0, : 2 * RATE]) == pytest.approx(440, abs=0.5)
    assert np.abs(sound.samples[0, int(1.8 * RATE) : int(1.9 * RATE)]).max() > 0.4
    assert np.abs(sound.samples[0, -RATE // 4 :]).max() < 0.05
    assert np.array_equal(render(score_of([0, 1_920, 69, 100]), RATE, path).samples, sound.samples)


def test_drums_come_from_their_bank_and_end_with_their_sample(tmp_path):
    path = tmp_path / "one.sf2"
    path.write_bytes(soundfont())
    font = SoundFont(path)
    assert font.preset(40, drums=False) == 0 and font.preset(40, drums=True) == 1
    tone = sampled_note(font, 1, 60, 1.0, 2 * RATE, RATE)
    loud = np.abs(tone[0]) > 1e-6
    assert RATE // 2 - 10 <= np.flatnonzero(loud).max() <= RATE // 2


@pytest.mark.parametrize(
    ("zone", "check"),
    [
        ((), lambda tone, plain: np.allclose(tone, plain)),
        (((43, 127 << 8 | 61),), lambda tone, plain: not tone.any()),  # keys from 61
        (((44, 50 << 8),), lambda tone, plain: not tone.any()),  # strengths up to 50
        (((51, 12),), lambda tone, plain: pitch_of(tone[0]) == pytest.approx(2 * pitch_of(plain[0]), abs=1)),
        (((58, 72),), lambda tone, plain: pitch_of(tone[0]) == pytest.approx(0.5 * pitch_of(plain[0]), abs=1)),
        (((17, 500),), lambda tone, plain: np.abs(tone[0]).max() < 1e-3 < np.abs(tone[1]).max()),
        (((48, 500),), lambda tone, plain: np.abs(tone).max() < 0.2 * np.abs(plain).max()),
        (((8, 4_000),), lambda tone, plain: np.abs(tone).max() < 0.5 * np.abs(plain).max()),  # 82 Hz
        (((34, 0),), lambda tone, plain: np.abs(tone[:, : RATE // 4]).max() < 0.3 * np.abs(plain).max()),
        (((36, -1_200), (37, 400)), lambda tone, plain: np.abs(tone[:, RATE - 400 : RATE]).max() < 0.05),
        (((38, 0),), lambda tone, plain: tone.shape[1] == 2 * RATE),  # a second of release
    ],
)
def test_what_a_zone_asks_for_is_done(tmp_path, zone, check):
    (tmp_path / "plain.sf2").write_bytes(soundfont())
    (tmp_path / "zone.sf2").write_bytes(soundfont(zone=zone))
    plain, tone = (
        sampled_note(SoundFont(tmp_path / name), 0, 60, 1.0, RATE, RATE) for name in ("plain.sf2", "zone.sf2")
    )
    assert check(tone, plain)


def test_damaged_soundfonts_never_do_harm(tmp_path):
    source, path = soundfont(), tmp_path / "one.sf2"
    tables = source.rfind(b"pdta")
    for seed in range(150):
        dice, data = random.Random(seed), bytearray(source)
        for _flip in range(dice.choice((1, 3, 10))):
            place = dice.randrange(120) if dice.random() < 0.2 else dice.randrange(tables, len(data))
            data[place] = dice.randrange(256)
        path.write_bytes(data[: dice.randrange(len(data))] if seed % 10 == 0 else data)
        with contextlib.suppress(DataError):
            assert np.isfinite(render(score_of([0, 240, 69, 100], [240, 240, 57, 100]), 8_000, path).samples).all()


def test_what_is_no_soundfont_is_refused(tmp_path):
    tune = score_of([0, 480, 60, 100])
    with pytest.raises(DataError, match="no SoundFont at"):
        render(tune, soundfont=tmp_path / "none.sf2")
    (tmp_path / "empty.sf2").touch()
    with pytest.raises(DataError, match="no SoundFont"):
        render(tune, soundfont=tmp_path / "empty.sf2")
    (tmp_path / "text.sf2").write_text("hello")
    with pytest.raises(DataError, match=r"is no SoundFont \("):
        render(tune, soundfont=tmp_path / "text.sf2")
    (tmp_path / "cut.sf2").write_bytes(soundfont()[:200])
    with pytest.raises(DataError, match="cannot be played"):
        render(tune, soundfont=tmp_path / "cut.sf2")
