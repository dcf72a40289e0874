from __future__ import annotations

import pytest

from tests.builders import volume


@pytest.mark.parametrize(
    ("driver", "options"),
    [
        ("local", None),
        ("local", {}),
        ("local", {"type": "nfs", "o": "addr=nas,rw", "device": ":/x"}),
        ("local", {"type": "none", "o": "bindings=no", "device": "/etc"}),
        ("local", {"o": "bind"}),
        ("rexray", {"o": "bind", "device": "/etc"}),
    ],
)
def test_any_other_volume_hides_no_bind_mount(driver: str, options: dict[str, str] | None) -> None:
    assert volume(driver=driver, options=options).bind_source is None


@pytest.mark.parametrize("words", ["bind", "rbind", "rw, bind", "bind,ro"])
def test_a_local_volume_with_the_word_bind_shows_a_host_path(words: str) -> None:
    assert volume(options={"type": "none", "o": words, "device": "/etc"}).bind_source == "/etc"
