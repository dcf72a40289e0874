from __future__ import annotations

from types import SimpleNamespace

from django import forms
from django.template import Context, Template
from django.test import RequestFactory


class HostForm(forms.Form):
    name = forms.CharField(help_text="What people call it.")
    team = forms.CharField(required=False)
    watch = forms.BooleanField(required=False)


class FilterForm(forms.Form):
    q = forms.CharField(required=False, label="Name")
    verdict = forms.MultipleChoiceField(
        required=False, label="Verdict", choices=[("ready", "Ready"), ("at-risk", "At risk")]
    )


def render(source: str, address: str = "/", **values: object) -> str:
    request = RequestFactory().get(address)
    return Template("{% load fields %}" + source).render(Context({"request": request, **values}))


def filters(address: str, *, count: int = 3, total: int = 9) -> str:
    data = RequestFactory().get(address).GET
    filterset = SimpleNamespace(form=FilterForm(data))
    return render(
        "{% filter_bar filterset count=count total=total %}", address, filterset=filterset, count=count, total=total
    )


def test_help_and_error_are_tied_to_their_field() -> None:
    markup = render("{% field form.name %}", form=HostForm({}))
    assert 'aria-describedby="id_name_helptext id_name_error"' in markup
    assert 'id="id_name_helptext"' in markup
    assert 'id="id_name_error"' in markup
    assert 'aria-invalid="true"' in markup


def test_what_may_stay_empty_says_so() -> None:
    assert "optional" in render("{% field form.team %}", form=HostForm())
    assert "optional" not in render("{% field form.name %}", form=HostForm())


def test_the_summary_links_every_error_to_its_field() -> None:
    markup = render("{% error_summary form %}", form=HostForm({}))
    assert '<a href="#id_name">Name</a>: This field is required.' in markup
    assert "id_team" not in markup


def test_a_form_without_errors_has_no_summary() -> None:
    assert "role" not in render("{% error_summary form %}", form=HostForm({"name": "prod-01"}))


def test_a_segment_keeps_the_other_filters_and_leaves_the_page() -> None:
    markup = render("{% segmented 'environment' options %}", "/?q=a&page=3", options=[("", "All"), ("test", "Test")])
    assert 'href="?q=a&amp;environment=test"' in markup
    assert '<a href="?q=a" aria-current="true">All</a>' in markup


def test_every_filter_that_is_on_can_be_taken_off_alone() -> None:
    markup = filters("/?q=db&verdict=ready&verdict=at-risk&sort=name&page=2")
    assert 'href="?verdict=ready&amp;verdict=at-risk&amp;sort=name"' in markup
    assert 'href="?q=db&amp;verdict=at-risk&amp;sort=name"' in markup
    assert "Verdict: <b>At risk</b>" in markup


def test_clearing_the_filters_keeps_the_sort() -> None:
    assert '<a class="quiet-link" href="?sort=name">' in filters("/?q=db&sort=name")


def test_filtering_keeps_the_sort_and_leaves_the_page() -> None:
    markup = filters("/?sort=name&page=2")
    assert '<input type="hidden" name="sort" value="name">' in markup
    assert 'name="page"' not in markup


def test_the_count_says_of_how_many() -> None:
    assert "<b>3</b> of 9" in filters("/")


def test_a_value_from_the_address_is_escaped() -> None:
    assert "<script>" not in filters("/?q=<script>alert(1)</script>")
