"""The command line as a person meets it: real processes, few of them."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bottega import __version__
from bottega.media import image

SMALL = ["--recipe", "dense-gan", "--size", "16", "--set", "training.batch=8"]


def bottega(*words: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bottega", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, **variables}, timeout=300)


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty pictures in two classes: warm discs and cold bars, each in another place and tone."""
    folder, random = tmp_path_factory.mktemp("collection"), np.random.default_rng(0)
    for i in range(40):
        kind = "disc" if i % 2 else "bar"
        (folder / kind).mkdir(exist_ok=True)
        y, x = np.mgrid[:24, :24] - random.uniform(7, 16, size=(2, 1, 1))
        inside = x**2 + y**2 < random.uniform(16, 49) if kind == "disc" else abs(x) < random.uniform(2, 5)
        tone = random.integers(120, 255, 3) * (np.array([1, 0.5, 0.2]) if kind == "disc" else np.array([0.2, 0.5, 1]))
        pixels = np.where(inside[..., None], tone, random.integers(0, 90, 3)).astype(np.uint8)
        Image.fromarray(pixels).save(folder / kind / f"{i:02}.png")
    return folder


@pytest.fixture(scope="module")
def model(collection: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model trained by the command line for a moment."""
    folder = tmp_path_factory.mktemp("models") / "small"
    done = bottega("train", collection, "--to", folder, *SMALL, "--steps", "12")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(folder)
    assert "Trained 12 steps" in done.stderr and "Preview after step 12" in done.stderr
    return folder


def test_help_teaches_by_example() -> None:
    done = bottega("train", "--help")
    assert done.returncode == 0
    assert "bottega train my-works --to models/flowers --minutes 60 --resume" in done.stdout


def test_help_speaks_chinese() -> None:
    done = bottega("train", "--help", BOTTEGA_LANGUAGE="zh")
    assert done.returncode == 0
    assert "选项" in done.stdout and "Learn from" not in done.stdout


def test_help_answers_at_once() -> None:
    """Nothing is imported for it that takes its time, such as the second or two of torch."""
    done = bottega("--help", PYTHONPROFILEIMPORTTIME="1")
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert done.returncode == 0 and "bottega.cli" in imported
    assert not imported & {"torch", "scipy", "numpy", "PIL", "av", "gradio", "sqlalchemy"}


def test_it_tells_its_version() -> None:
    done = bottega("--version")
    assert (done.returncode, done.stdout.strip()) == (0, __version__)


def test_generate_writes_works_that_know_their_origin(model: Path, tmp_path: Path) -> None:
    done = bottega("generate", model, "-n", "5", "--seed", "3", "--class", "disc", "--to", tmp_path, "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert len(said["works"]) == 5 and Path(said["sheet"]).is_file()
    record = image.read_record(Path(said["works"][0]))
    assert record is not None and record["operation"] == "generate"
    assert str(model) not in json.dumps(record), "a local path has slipped into a work"


def test_the_same_seed_makes_the_same_works(model: Path, tmp_path: Path) -> None:
    for folder in ("a", "b"):
        assert bottega("generate", model, "-n", "3", "--seed", "5", "--to", tmp_path / folder).returncode == 0
    first, second = sorted((tmp_path / "a").iterdir()), sorted((tmp_path / "b").iterdir())
    assert [image.read(path).tobytes() for path in first] == [image.read(path).tobytes() for path in second]


def test_a_model_is_found_by_its_name(model: Path, home: Path) -> None:
    (home / "models").mkdir()
    (home / "models" / "mine").symlink_to(model)
    assert bottega("generate", "mine", "-n", "1").returncode == 0


def test_evaluate_speaks_to_machines(model: Path) -> None:
    done = bottega("evaluate", model, "-n", "32", "--json")
    assert done.returncode == 0, done.stderr
    assert isinstance(json.loads(done.stdout), dict)


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["train", "no-such-folder"], 3, "no-such-folder"),
        (["train", ".", "--minutes", "1", "--steps", "5"], 2, "not several"),
        (["train", ".", "--size", "big"], 2, "“big”"),
        (["train", ".", "--set", "batch"], 2, "“batch”"),
        (["train", ".", "--fit", "squeeze"], 2, "squeeze"),
        (["generate", "no-such-model"], 3, "no-such-model"),
        (["recipes", "dcgam"], 2, "Did you mean “dcgan”?"),
        (["paint"], 2, "paint"),
    ],
)
def test_a_mistake_ends_in_one_sentence(words: list[str], code: int, sentence: str, tmp_path: Path) -> None:
    done = bottega(*words)
    assert done.returncode == code, done.stderr
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr and done.stdout == ""


def test_what_a_model_cannot_do_is_said(model: Path) -> None:
    done = bottega("generate", model, "--guidance", "2")
    assert done.returncode == 2
    assert "guidance" in done.stderr and "dense-gan" in done.stderr


def test_interrupted_and_resumed(collection: Path, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    words = ["train", str(collection), "--to", str(folder), *SMALL, "--steps", "1000000"]
    command = [sys.executable, "-m", "bottega", *words]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        log = folder / "training" / "log.jsonl"
        while process.poll() is None and not (log.exists() and log.read_text("utf-8").count("\n") > 3):
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=300)
    assert process.returncode == 4, said
    assert said.strip().splitlines()[-1].startswith("bottega: ") and "--resume" in said
    saved = max(int(path.name.removeprefix("step-")) for path in (folder / "training" / "checkpoints").glob("step-*"))
    done = bottega(*words[:-1], str(saved + 2), "--resume")
    assert done.returncode == 0, done.stderr
    assert f"going on from step {saved:,}" in done.stderr


def test_recipes_are_listed_and_shown() -> None:
    done = bottega("recipes", "--json")
    assert {"dcgan", "vae"} <= {one["name"] for one in json.loads(done.stdout)}
    shown = bottega("recipes", "dcgan")
    assert shown.returncode == 0 and "[objective]" in shown.stdout


def test_nobody_listens_any_more() -> None:
    done = subprocess.run(
        f"{sys.executable} -m bottega recipes | head -n 1", shell=True, capture_output=True, text=True, timeout=300
    )
    assert "Traceback" not in done.stderr and "Exception" not in done.stderr
