"""Every benchmark, or one by name: ``python -m benchmarks [NAME [ARGUMENTS …]]``.

Without a name all run with their defaults on the collections in the folder that BOTTEGA_TEST_DATA names. Nothing else
should run on the machine meanwhile.
"""

import os
import subprocess
import sys
from pathlib import Path

NAMES = (
    *("start", "prepare", "prepare_texts", "prepare_sounds", "dcgan_speed", "quality"),
    *("patches", "inpaint", "style", "finish"),
    *("shakespeare", "writing_speed", "translation", "sentences", "text_gan", "mood", "forms", "copies"),
    "spoken_digits",
    *("chorales", "tune_mood", "tune_keys", "codec"),
    *("sound_priors", "repair", "declip"),
    "film_files",
    *("bouncing", "film_measures"),
    "film_priors",
    "walks",
    *("gan3d_speed", "next_frames"),
    *("film_texture", "film_patches"),
    *("frames_between", "stylize", "film_upscale"),
    *("library_search", "job_cost", "gallery"),
    *("studio_ready", "studio_crowd"),
    "remakes",
)
FOLDERS = {  # in the collection
    "frames_between": "video",
    "stylize": "video",
    "film_upscale": "video",
    "film_texture": "video",
    "film_patches": "video",
    "walks": "audio/recordings",
    "film_files": "video",
    "film_measures": "video",
    "sound_priors": "audio/recordings",
    "repair": "audio",
    "declip": "audio",
    "dcgan_speed": "images/cifar10",
    "quality": "images/cifar10",
    "patches": "images",
    "inpaint": "images",
    "style": "images",
    "finish": "images/emoji",
    "shakespeare": "text/tinyshakespeare.txt",
    "translation": "text/multi30k",
    "sentences": "text/quatrains_keywords.jsonl",
    "text_gan": "text/quatrains_keywords.jsonl",
    "forms": "text/quatrains_keywords.jsonl",
    "mood": "text/quatrains_sentiment.jsonl",
    "copies": "text/tinyshakespeare.txt",
    "codec": "audio/recordings",
    "spoken_digits": "audio/spoken_digits",
    "chorales": "music/jsb_chorales_16th.json",
    "tune_mood": "music/nottingham_midi",
    "tune_keys": "music/nottingham_midi",
}


def main() -> None:
    """Run what was asked for."""
    if len(sys.argv) > 1:
        names, arguments = [sys.argv[1]], sys.argv[2:]
    elif "BOTTEGA_TEST_DATA" in os.environ:
        names, arguments = list(NAMES), []
    else:
        sys.exit(__doc__)
    if names[0] not in NAMES:
        sys.exit(f"There is no benchmark {names[0]}; there are: {', '.join(NAMES)}.")
    for name in names:
        print(f"== {name}", flush=True)
        needs_folder = name in FOLDERS and not arguments
        folder = [str(Path(os.environ["BOTTEGA_TEST_DATA"]) / FOLDERS[name])] if needs_folder else []
        command = [sys.executable, str(Path(__file__).with_name(f"{name}.py")), *folder, *arguments]
        subprocess.run(command, check=True)  # each in a process of its own, so that none warms up for another


if __name__ == "__main__":
    main()
