"""What to type has the real names, quoted: names come from engines that nobody vouches for."""

from __future__ import annotations

import re
import shlex

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.foresight.commands import commands_for
from fleet.foresight.naming import one_line, yaml_text
from fleet.foresight.snippets import Snippet, snippets_for
from fleet.inventory.identity import COMPOSE_PROJECT, COMPOSE_SERVICE, SWARM_LABEL
from fleet.models import Container, Finding, Host, Image, Network, Volume
from fleet.models.answers import Answers
from fleet.readiness.catalogue import by_slug, rules
from fleet.readiness.rule import AnyRule
from fleet.readiness.vocabulary import Scope
from tests.builders import container, image, network, volume, volume_mount
from tests.rows import host_row, swept

# Other tests run beside these on few cores, so time is no measure here.
PATIENT = settings(deadline=None)
OF_CONTAINERS = [rule for rule in rules() if rule.scope in {Scope.CONTAINER, Scope.IMAGE, Scope.SERVICE}]
EVERY_RULE = pytest.mark.parametrize("rule", OF_CONTAINERS, ids=lambda rule: rule.slug)
DIGEST = "sha256:" + "7" * 64
NGINX = "nginx:1.27"
#: A name that ends a comment, a quote and a command, and one that means something to YAML.
ODD = 'web\'; rm -rf $(pwd) "`id`"\n  evil: true #'
EXAMPLES = re.compile(r"registry\.internal/web|shop/web|quay\.io/acme/web|web:local|\bNAME\b")


def row(name: str = "front", reference: str = NGINX, **labels: str) -> Container:
    told = {"digests": [f"docker.io/library/nginx@{DIGEST}"]}
    made = Container(name=name, image_reference=reference, host=Host(name="prod-01"), image=Image(facts=told))
    setattr(made, "labels", labels)  # noqa: B010 - as the query annotates it
    return made


def snippets(slug: str, *rows: Container, monkeypatch: pytest.MonkeyPatch) -> list[Snippet]:
    monkeypatch.setattr("fleet.foresight.snippets._containers", lambda _, images: list(rows))
    return snippets_for(by_slug()[slug], [])


def command(slug: str, *rows: Container) -> list[str]:
    return commands_for(by_slug()[slug].remedy.docker, rows or [row()]).splitlines()


def test_a_limit_is_set_on_all_containers_of_a_host_at_once() -> None:
    assert command("no-memory-limit", row("front"), row("back end")) == [
        "docker update --memory 512m --memory-swap 512m front 'back end'   # docker run --memory 512m …"
    ]
    assert command("no-cpu-limit") == ["docker update --cpus 1 front"]


def test_a_container_is_made_anew_with_its_own_name_and_image() -> None:
    assert command("writable-root") == ["docker run -d --name front --read-only --tmpfs /tmp --tmpfs /run nginx:1.27"]
    assert command("host-pid-namespace")[0].startswith("docker run -d --name front nginx:1.27   # without --pid host")


def test_each_line_of_a_remedy_is_there_and_what_is_the_same_for_all_once() -> None:
    assert command("state-in-writable-layer", row("a"), row("b")) == [
        "docker volume create pgdata",
        "docker run -d --name a -v pgdata:/var/lib/postgresql/data nginx:1.27",
        "docker run -d --name b -v pgdata:/var/lib/postgresql/data nginx:1.27",
    ]
    assert command("restart-loop", row("a"), row("b")) == [
        "docker logs --tail 100 a",
        "docker logs --tail 100 b",
        "docker update --restart on-failure:5 a b",
    ]


def test_an_image_is_pinned_to_the_digest_that_runs() -> None:
    assert command("image-not-pinned") == [
        "docker pull nginx:1.27   # prints the digest",
        f"docker run -d --name front nginx:1.27@{DIGEST}",
    ]


def test_a_version_that_nobody_knows_is_left_to_be_filled_in() -> None:
    assert command("latest-tag", row(reference="shop.example:5000/web:latest")) == [
        "docker run -d --name front shop.example:5000/web:VERSION"
    ]
    assert command("latest-tag", row(reference="sha256:" + "1" * 64)) == ["docker run -d --name front IMAGE"]


def test_an_image_moves_from_where_it_is_to_an_allowed_registry() -> None:
    assert command("registry-not-allowed") == [
        "docker pull nginx:1.27",
        "docker tag nginx:1.27 registry.internal/library/nginx:1.27",
        "docker push registry.internal/library/nginx:1.27",
    ]


def test_an_image_is_built_under_its_own_name() -> None:
    assert command("image-too-old") == ["docker build --pull --no-cache -t nginx:1.27 ."]
    assert command("signature-missing") == [f"cosign sign nginx@{DIGEST}"]


def test_a_digest_that_the_engine_did_not_tell_is_left_to_be_filled_in() -> None:
    built = row()
    built.image = Image(facts={"digests": ["other.example/nginx@" + DIGEST]})
    assert command("signature-missing", built) == ["cosign sign nginx@sha256:…"]
    built.image = None
    assert command("signature-missing", built) == ["cosign sign nginx@sha256:…"]


@EVERY_RULE
def test_a_command_holds_an_odd_name_as_one_word_and_nothing_of_it_is_run(rule: AnyRule) -> None:
    plain = commands_for(rule.remedy.docker, [row("front", "example.com/a:1")])
    odd = commands_for(rule.remedy.docker, [row(ODD, f"example.com/{ODD}")])
    before, after = shlex.split(plain, comments=True), shlex.split(odd, comments=True)
    assert len(before) == len(after)
    changed = [new for old, new in zip(before, after, strict=True) if old != new]
    assert changed or rule.slug == "replicas-differ"
    assert all("rm -rf" in word for word in changed)


@EVERY_RULE
def test_a_compose_file_is_yaml_with_the_real_services_whatever_their_names(
    rule: AnyRule, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels = {COMPOSE_PROJECT: "shop\nx", COMPOSE_SERVICE: ODD}
    made = snippets(
        rule.slug, row(ODD, **labels), row("t", **{SWARM_LABEL: "yes"}), row("alone"), monkeypatch=monkeypatch
    )
    files = [yaml.safe_load(one.text) for one in made if one.kind == "compose"]
    if yaml.safe_load(rule.remedy.compose) is None:
        assert files == []  # nothing to put into a file, so there is something to type
        assert [one.kind for one in made] == ["cli"]
        return
    assert [list(one["services"]) for one in files] == [[ODD], ["yes"]]
    for one in files:
        (settings,) = one["services"].values()
        assert settings.keys() == yaml.safe_load(rule.remedy.compose).keys()
    assert all("\n" not in one.about for one in made)


@EVERY_RULE
def test_no_name_of_an_example_is_left(rule: AnyRule, monkeypatch: pytest.MonkeyPatch) -> None:
    composed = row("front", **{COMPOSE_PROJECT: "shop", COMPOSE_SERVICE: "front"})
    for one in snippets(rule.slug, composed, row("alone"), monkeypatch=monkeypatch):
        told = "\n".join(line.partition("#")[0] for line in one.text.splitlines())
        assert not EXAMPLES.search(told), told


def test_a_file_names_the_containers_and_pins_the_real_image(monkeypatch: pytest.MonkeyPatch) -> None:
    replicas = [row(f"shop-front-{n}", **{COMPOSE_PROJECT: "shop", COMPOSE_SERVICE: "front"}) for n in range(8)]
    (made,) = snippets("image-not-pinned", *replicas, monkeypatch=monkeypatch)
    assert made.about == "compose.override.yaml of the project shop (prod-01); then docker compose up -d"
    assert "shop-front-0 on prod-01" in made.text
    assert "2 more" in made.text
    assert yaml.safe_load(made.text) == {"services": {"front": {"image": f"nginx:1.27@{DIGEST}"}}}


@PATIENT
@given(st.one_of(st.text(max_size=200), st.sampled_from(["yes", "No", "null", "~", "1", "1e3", "2026-01-01", "1:30"])))
def test_any_text_is_read_back_as_a_key(text: str) -> None:
    written = yaml_text(text)
    assert "\n" not in written
    assert yaml.safe_load(f"{written}: 1") == {text: 1}


@PATIENT
@given(st.text())
def test_a_comment_stays_one_line(text: str) -> None:
    assert len(f"# {one_line(text)}".splitlines()) == 1


@pytest.mark.django_db
def test_a_volume_is_made_anew_under_its_own_name() -> None:
    web = container(mounts=(volume_mount("orders"),))
    swept(host_row(), web, volumes=(volume(name="orders"),))
    swept(host_row("prod-02"), web, volumes=(volume(name="orders"),))
    about = list(Answers().with_subjects().filter(rule="no-backup-evidence"))
    assert {one.subject_pk for one in about} == set(Volume.objects.values_list("pk", flat=True))
    cli, file = snippets_for(by_slug()["no-backup-evidence"], about)
    assert (cli.about, cli.text) == (
        "volume orders on prod-01, prod-02",
        "docker volume create --label backup.policy=daily orders",
    )
    assert yaml.safe_load(file.text) == {"labels": {"backup.policy": "daily"}}


@pytest.mark.django_db
def test_a_network_is_made_anew_under_its_own_name_in_a_command_and_in_the_file() -> None:
    machine = swept(host_row(), container(), networks=(network(name="back end", driver="overlay"),))
    row = Network.objects.get()
    finding = Finding(rule="overlay-not-encrypted", subject_kind="network", subject_pk=row.pk, subject_name=row.name)
    finding.host = machine
    cli, file = snippets_for(by_slug()["overlay-not-encrypted"], [finding])
    assert cli.text == "docker network create --driver overlay --opt encrypted 'back end'"
    assert yaml.safe_load(file.text) == {
        "networks": {"back end": {"driver": "overlay", "driver_opts": {"encrypted": ""}}}
    }


@pytest.mark.django_db
def test_what_an_images_finding_asks_for_is_typed_for_the_containers_made_of_it() -> None:
    swept(host_row(), container(name="front", image_reference=NGINX), images=(image(labels={}),))
    findings = list(Finding.objects.filter(rule="origin-labels-missing", status="fail").select_related("host"))
    (made,) = snippets_for(by_slug()["origin-labels-missing"], findings)
    assert "-t nginx:1.27 ." in made.text


@pytest.mark.django_db
def test_hosts_with_the_same_fault_are_told_once_with_what_to_put_into_their_file() -> None:
    findings = [Finding(rule="live-restore-off", subject_kind="host", subject_name=f"prod-{n}") for n in range(9)]
    command, file = snippets_for(by_slug()["live-restore-off"], findings)
    assert command.about == "on prod-0, prod-1, prod-2, prod-3, prod-4, prod-5, 3 more"
    assert yaml.safe_load(file.text) == {"live-restore": True}
    assert snippets_for(by_slug()["live-restore-off"], []) == []
