"""Scores played by a SoundFont that lies on this machine, through symusic."""

from pathlib import Path
from typing import Any

import numpy as np

from bottega.errors import DataError, UnreadableWork
from bottega.language import _
from bottega.media.midi import to_midi
from bottega.media.score import Score


def played(score: Score, rate: int, path: Path) -> np.ndarray:
    """The score as the SoundFont plays it: float32 (2, N).

    Raises:
        DataError: it is not there, or no SoundFont.
    """
    import symusic

    try:
        with open(path, "rb") as file:
            start = file.read(12)
    except OSError as error:
        raise DataError(_("There is no SoundFont at {path}.").format(path=path)) from error
    if start[:4] != b"RIFF" or start[8:12] != b"sfbk":
        raise DataError(_("{path} is no SoundFont (.sf2 or .sf3).").format(path=path))
    try:
        player: Any = symusic.Synthesizer(sf_path=str(path), sample_rate=rate)
        sound = player.render(symusic.Score.from_midi(to_midi(score)), stereo=True)
    except (RuntimeError, ValueError, UnreadableWork) as error:
        raise DataError(_("{path} cannot be played; it may be damaged.").format(path=path)) from error
    return np.nan_to_num(np.array(sound, np.float32))
