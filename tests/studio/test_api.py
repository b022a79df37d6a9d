"""The examples of docs/api.md run as they stand, and tell nothing of places on this machine."""

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

pytest.importorskip("gradio_client", reason="needs the extra “studio”")

from tests.studio.shown import model

from bottega.errors import UsageError
from bottega.studio import api
from bottega.studio.making import hand

DOCS = Path(__file__).parents[2] / "docs" / "api.md"


def way_in(studio: Any) -> tuple[str, str]:
    """Address and key of a studio."""
    address, token = studio.address.split("/?token=")
    return address, token


def test_the_examples_run(studio: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Image.new("RGB", (48, 32), "red").save("red.png")
    address, token = way_in(studio)
    names: dict[str, Any] = {"address": address, "token": token}
    blocks = re.findall(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) >= 5
    for block in blocks:
        exec(compile(block, str(DOCS), "exec"), names)
    assert Image.open("tiled.png").size == (48, 32)
    assert [one["operation"] for one in names["works"]] == ["tile"]
    assert {one["verb"] for one in names["jobs"]} >= {"edit", "train"}
    told = json.dumps([names["works"], names["jobs"], names["models"]])
    assert str(studio.home) not in told


def test_what_cannot_be_done_is_said_in_a_sentence(studio: Any) -> None:
    from gradio_client import Client
    from gradio_client.exceptions import AppError

    address, token = way_in(studio)
    bottega = Client(f"{address}/en/", headers={"Authorization": f"Bearer {token}"}, verbose=False)
    for given, said in (
        ({"operation": "tile", "works": ["../../etc/passwd"]}, "no work"),
        ({"operation": "none"}, "no operation"),
        ({"operation": "continue", "words": "/etc/passwd"}, "name of a file"),
        ({"operation": "style", "settings": {"vgg": "/etc/passwd"}}, "command line"),
    ):
        with pytest.raises(AppError, match=said):
            bottega.predict(**given, api_name="/edit")
    with pytest.raises(AppError, match="no model"):
        bottega.predict("nobody", api_name="/generate")


def test_a_model_is_named_in_full_or_by_its_id() -> None:
    first, second = model("a"), model("ab")
    assert api.model_named("a").id == first.id and api.model_named(second.id[:8]).id == second.id
    for word in ("", second.id[:3], "b", str(second.path), "../ab"):
        with pytest.raises(UsageError):
            api.model_named(word)


def test_an_option_takes_one_file_or_several(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    names, asked = [], []
    for colour in ("red", "green", "blue"):
        Image.new("RGB", (48, 32), colour).save(tmp_path / f"{colour}.png")
        names.append(hand.drop(tmp_path / f"{colour}.png"))
    monkeypatch.setattr(api, "submitted", lambda _verb, arguments: asked.append(arguments) or {})
    api.edit("inpaint", [names[0].name], files={"mask": names[1].name})
    api.edit("style", [one.name for one in names[:2]], files={"mask": [one.name for one in names[1:]]})
    assert [one["mask"] for one in asked] == [[str(names[1].file)], [str(one.file) for one in names[1:]]]


def test_the_same_are_tools_over_mcp(studio: Any) -> None:
    mcp = pytest.importorskip("mcp", reason="needs the extra “studio”")
    httpx = pytest.importorskip("httpx", reason="needs the extra “studio”")
    from mcp.client.streamable_http import streamable_http_client

    address, token = way_in(studio)

    async def ask() -> tuple[set[str], Any]:
        place, headers = f"{address}/en/gradio_api/mcp/", {"Authorization": f"Bearer {token}"}
        async with (
            httpx.AsyncClient(headers=headers, timeout=30) as client,
            streamable_http_client(place, http_client=client) as (read, write, _id),
            mcp.ClientSession(read, write) as session,
        ):
            await session.initialize()
            tools = {tool.name for tool in (await session.list_tools()).tools}
            return tools, await session.call_tool("works", {"limit": 1})

    tools, answer = asyncio.run(ask())
    assert tools == {
        *("generate", "edit", "train", "evaluate", "remake"),
        *("jobs", "cancel", "finish", "works", "models", "drop"),
    }
    assert not answer.isError
    assert str(studio.home) not in answer.content[0].text
