from __future__ import annotations

import re

import pytest
from django.template import Context, Template

from fleet.readiness.vocabulary import Pillar, Severity, Verdict


def render(source: str, **values: object) -> str:
    return Template("{% load marks %}" + source).render(Context(values))


def drawing(markup: str) -> str:
    found = re.search(r"<(?:circle|path|rect)[^>]*>", markup)
    assert found
    return found[0]


@pytest.mark.parametrize("value", Verdict)
def test_a_verdict_has_a_colour_a_shape_and_a_word(value: Verdict) -> None:
    chip = render("{% verdict value %}", value=value)
    assert f'class="chip {value.value}"' in chip
    assert drawing(chip)
    assert chip.endswith(
        {"ready": "Ready", "at-risk": "At risk", "not-ready": "Not ready"}.get(value, "Unknown") + "</span>"
    )


def test_no_two_verdicts_share_a_shape() -> None:
    shapes = {drawing(render("{% verdict value %}", value=value)) for value in Verdict}
    assert len(shapes) == len(Verdict)


def test_an_unheard_of_verdict_is_refused() -> None:
    with pytest.raises(ValueError, match="splendid"):
        render("{% verdict 'splendid' %}")


def test_a_count_of_nothing_is_still_said() -> None:
    assert render("{% status_mark 'pass' None 0 %}").endswith("</svg>0</span>")


def test_other_words_are_escaped() -> None:
    assert "&lt;b&gt;" in render("{% verdict 'ready' words %}", words="<b>")


def test_a_mark_alone_has_a_name() -> None:
    assert 'role="img" aria-label="At risk"' in render("{% verdict_mark 'at-risk' %}")
    assert 'aria-label="State: at risk"' in render("{% verdict_mark 'at-risk' label='State: at risk' %}")


def test_a_mark_beside_its_word_is_not_said_twice() -> None:
    assert 'aria-hidden="true"' in render("{% verdict 'ready' %}")


def test_a_failing_finding_takes_the_shape_of_its_verdict() -> None:
    assert drawing(render("{% status_mark 'fail' 'critical' %}")) == drawing(render("{% verdict 'not-ready' %}"))
    assert "Fails" in render("{% status_mark 'fail' 'critical' %}")


def test_a_severity_fills_one_step_more_per_level() -> None:
    filled = [render("{% severity value %}", value=value).count('class="on"') for value in Severity]
    assert filled == [4, 3, 2, 1, 0]


def test_the_strip_shows_the_pillars_in_their_order() -> None:
    strip = render("{% pillar_strip pillars %}", pillars=dict.fromkeys(Pillar, "ready"))
    names = re.findall(r'aria-label="(\w+): ready"', strip)
    assert names == ["Network", "State", "Trust", "Runtime", "Resilience", "Hardening"]


def test_a_missing_pillar_is_unknown() -> None:
    strip = render("{% pillar_strip pillars %}", pillars={"network": "ready"})
    assert strip.count(": unknown</title>") == 5


def test_the_strip_takes_a_service() -> None:
    class Service:
        pillars = dict.fromkeys(Pillar, "at-risk")

    assert render("{% pillar_strip service %}", service=Service()).count(": at risk</title>") == 6
