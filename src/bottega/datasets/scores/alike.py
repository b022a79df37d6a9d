"""Tunes that nearly repeat each other: transposed, at another pace, barred or accompanied otherwise.

A melody is written as a word of its steps up and down, one letter each, which neither key nor rhythm changes; words
are compared as texts are, by the 8-grams that they share.
"""

import numpy as np

from bottega.datasets.texts.alike import find_alike, sketches
from bottega.media.score import Score

LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
MOST_NOTES = 20_000
SHARE = 4  # a melody has at least a quarter of the notes of the fullest track

__all__ = ["find_alike", "sketches", "word_of"]


def melody(score: Score) -> np.ndarray:
    """The pitches of the melody, int32 (N,): the top notes of the highest track that has enough of them."""
    tracks = [track.notes for track in score.tracks if not track.drums] or [track.notes for track in score.tracks]
    fullest = max(map(len, tracks))
    notes = max((some for some in tracks if len(some) * SHARE >= fullest), key=lambda some: float(some[:, 2].mean()))
    notes = notes[:MOST_NOTES]
    last = np.append(np.diff(notes[:, 0]) > 0, True)  # of those that begin together the highest is the last
    return notes[last, 2]


def word_of(score: Score) -> str:
    """The steps of the melody, a letter each."""
    steps = np.clip(np.diff(melody(score)), -17, 17) + 17
    return "".join(LETTERS[step] for step in steps.tolist())
