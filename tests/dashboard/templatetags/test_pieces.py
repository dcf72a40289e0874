from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.template import Context, Template, TemplateSyntaxError

from dashboard.templatetags.pieces import digest, prose, thin

NOW = datetime(2026, 11, 23, 20, 42, tzinfo=UTC)


def render(source: str, **values: object) -> str:
    return Template("{% load pieces %}" + source).render(Context(values))


def test_an_age_keeps_the_exact_moment() -> None:
    markup = render("{% ago when %}", when=NOW - timedelta(seconds=14), shell=SimpleNamespace(now=NOW))
    assert markup == (
        '<time datetime="2026-11-23T20:41:46+00:00" title="2026-11-23 20:41:46 UTC" data-relative>14 s ago</time>'
    )


def test_no_moment_is_never() -> None:
    assert render("{% ago None %}") == "never"
    assert render("{% ago None 'not swept yet' %}") == "not swept yet"


def test_a_digest_keeps_both_ends() -> None:
    assert digest("sha256:ab12cd34ef56ab78cd90ef12") == "sha256:ab12cd34…ef12"
    assert digest("ab12cd34ef56ab78cd90ef12") == "ab12cd34…ef12"


def test_a_short_id_is_left_alone() -> None:
    assert digest("ab12cd34ef56") == "ab12cd34ef56"


def test_wrapped_lines_flow_into_paragraphs() -> None:
    assert prose("One\n  two <b>.\n\nThree.\n") == "<p>One two &lt;b&gt;.</p><p>Three.</p>"


def test_thousands_are_parted_by_a_thin_space() -> None:
    assert thin(6_312) == "6\u202f312"
    assert thin(0) == "0"


def test_an_unknown_number_is_a_dash() -> None:
    assert thin(None) == "\u2013"


def test_a_card_escapes_its_title_and_keeps_its_content() -> None:
    markup = render("{% card title=title %}<p>{{ title }}</p>{% endcard %}", title="<i>")
    assert "<h2>&lt;i&gt;</h2>" in markup
    assert "<p>&lt;i&gt;</p>" in markup


def test_a_card_that_refreshes_has_an_id() -> None:
    assert 'id="fix-next" data-refresh' in render("{% card refresh='fix-next' %}{% endcard %}")


def test_a_card_that_folds_is_unfolded_until_a_script_folds_it() -> None:
    markup = render("{% card title='Teams' note='six' fold='yes' %}<p>all</p>{% endcard %}")
    assert (
        '<details class="fold" open data-fold><summary><h2>Teams</h2><span class="note">six</span></summary>' in markup
    )
    assert markup.index("<p>all</p>") < markup.index("</details>")


def test_a_misspelt_card_value_is_refused() -> None:
    with pytest.raises(TemplateSyntaxError, match="not titel"):
        render("{% card titel='x' %}{% endcard %}")


def test_code_is_shown_as_it_is_written() -> None:
    assert "<code>a &amp;&amp; b\n  c</code>" in render("{% code_block text %}", text="\na && b\n  c\n")


def test_an_image_is_told_without_its_digest_and_keeps_it_in_its_title() -> None:
    markup = render("{{ image|undigested }}", image="shop/web:1.4@sha256:ab<")
    assert markup == '<span title="shop/web:1.4@sha256:ab&lt;">shop/web:1.4</span>'
    assert render("{{ image|undigested }}", image="shop/web:1.4") == "shop/web:1.4"


def test_code_that_a_template_spells_out_breaks_its_lines() -> None:
    assert "<code>name,tier\nshop,1 &amp; 2</code>" in render("{% code_block 'name,tier&#10;shop,1 &amp; 2' %}")


def test_code_from_elsewhere_is_not_read_as_markup() -> None:
    assert "a&amp;#10;b" in render("{% code_block text %}", text="a&#10;b")


def test_a_fact_the_engine_did_not_report_is_said_to_be_missing() -> None:
    markup = render("{% facts values %}", values={"HostConfig.Memory": 0, "State.Health": None})
    assert "<dt>HostConfig.Memory</dt><dd>0</dd>" in markup
    assert '<dt>State.Health</dt><dd><span class="unsaid">not reported</span></dd>' in markup


def test_a_moment_among_the_facts_is_exact() -> None:
    assert "<dd>2026-11-23 20:42:00 UTC</dd>" in render("{% facts values %}", values={"Created": NOW})


def test_a_copyable_value_is_copied_whole() -> None:
    markup = render("{% copyable id id|digest %}", id="sha256:ab12cd34ef56ab78cd90ef12")
    assert 'data-whole="sha256:ab12cd34ef56ab78cd90ef12">sha256:ab12cd34…ef12</code>' in markup


def test_an_empty_state_has_a_reason_an_action_and_a_command() -> None:
    values = "title='No host yet' action='Register' url='/hosts/new/' command='./loadline host add'"
    markup = render("{% empty " + values + " %}Why.{% endempty %}")
    assert "<p>Why.</p>" in markup
    assert 'href="/hosts/new/">Register</a>' in markup
    assert "<code>./loadline host add</code>" in markup


def test_the_last_step_of_a_breadcrumb_is_the_page_itself() -> None:
    markup = render("{% breadcrumb 'Services' '/services/' 'checkout' %}")
    assert '<a href="/services/">Services</a>' in markup
    assert '<li aria-current="page">checkout</li>' in markup


def test_the_tab_in_view_is_marked() -> None:
    markup = render("{% tabs items %}", items=[("Findings", "#a", True, 9), ("Facts", "#b", False)])
    assert '<a href="#a" aria-current="page">Findings <span class="n">9</span></a>' in markup
    assert '<a href="#b">Facts</a>' in markup
