"""What is learned: one objective a file, found here by the name that recipes use."""

from bottega.parts import Catalogue

OBJECTIVES = Catalogue(
    "objective",
    {
        "adversarial": "bottega.objectives.adversarial:Adversarial",
        "relativistic": "bottega.objectives.relativistic:Relativistic",
        "variational": "bottega.objectives.variational:Variational",
        "codec": "bottega.objectives.codec:Codec",
        "film-codec": "bottega.objectives.film_codec:FilmCodec",
        "flow": "bottega.objectives.flow:Flow",
        "loudness-codec": "bottega.objectives.loudness:LoudnessCodec",
        "frame-flow": "bottega.objectives.frame_flow:FrameFlow",
        "frame-writer": "bottega.objectives.frame_writer:FrameWriter",
        "classification": "bottega.objectives.classification:Classification",
        "autoregressive": "bottega.objectives.autoregressive:Autoregressive",
        "next-sample": "bottega.objectives.next_sample:NextSample",
        "tunes": "bottega.objectives.tunes:Tunes",
        "translation": "bottega.objectives.translation:Translation",
        "sentences": "bottega.objectives.sentences:Sentences",
        "film-game": "bottega.objectives.film_game:FilmGame",
        "next-frames": "bottega.objectives.next_frames:NextFrames",
        "sequence-game": "bottega.objectives.sequence_game:SequenceGame",
    },
)
