import json

import pytest

from bottega.training.log import Log, read


def test_half_a_line_and_repeated_steps(tmp_path):
    log = Log(tmp_path)
    log.write("started", step=0)
    for step in (1, 2, 3):
        log.write("step", step=step, losses={"a.loss": float("nan") if step == 1 else 0.5})
    log.close()
    with (tmp_path / "log.jsonl").open("a") as file:
        file.write('{"what": "step", "st')  # killed here
    log = Log(tmp_path)
    log.write("started", step=1)
    log.write("step", step=2, losses={"a.loss": 2.0})
    log.close()
    records = read(tmp_path)
    assert [r["step"] for r in records if r["what"] == "step"] == [1, 2]
    assert records[1]["losses"] == {"a.loss": None}
    assert records[-1]["losses"] == {"a.loss": 2.0}
    lines = (tmp_path / "log.jsonl").read_text().splitlines()
    assert sum(line.endswith("}") for line in lines) == len(lines) - 1
    json.loads(lines[-1])


def test_no_log_is_an_empty_log(tmp_path):
    assert read(tmp_path) == []


def test_tensorboard_scalars(tmp_path):
    pytest.importorskip("tensorboard")
    log = Log(tmp_path, tensorboard=True)
    log.scalars(3, {"a.loss": 1.0})
    log.close()
    assert any(tmp_path.glob("tensorboard/events.out.*"))
