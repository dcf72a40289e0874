from __future__ import annotations

import copy
from typing import Any

import pytest

from fleet.inventory import ContainerFacts, HealthCheck, RestartPolicy, SecretHint
from tests.fleet.engines.recordings import container, inspect_path, recorded, snapshot

DOCKER = recorded("docker-20.10")
PODMAN = recorded("podman-4.3.1")


def read(name: str, **changes: Any) -> ContainerFacts:
    """The recorded container after changes such as `HostConfig={"Memory": 5}` to its inspect reply."""
    replies = copy.deepcopy(DOCKER)
    reply = replies[inspect_path(replies, name)]
    for part, values in changes.items():
        if isinstance(values, dict) and isinstance(reply[part], dict):
            reply[part].update(values)
        else:
            reply[part] = values
    return container(snapshot(replies), name)


def test_a_well_set_up_container_is_read_in_full() -> None:
    web = read("web")
    assert (web.image_reference, web.state, web.health, web.failing_streak) == (
        "busybox:local",
        "running",
        "healthy",
        0,
    )
    assert (web.user, web.stop_timeout, web.command_program) == ("10001", 30, "sleep")
    assert web.environment_names == ("DB_PASSWORD", "MODE", "PATH")
    assert web.health_check == HealthCheck("CMD-SHELL", interval=1.0)
    assert web.exposed_ports == ("443/tcp", "80/tcp")
    assert (web.cap_add, web.cap_drop) == (("CHOWN",), ("ALL",))
    assert web.security_options == ("no-new-privileges",)
    assert (web.readonly_root, web.init, web.memory, web.pids_limit) == (True, True, 64 * 1024 * 1024, 0)
    assert web.restart_policy == RestartPolicy("unless-stopped")
    assert (web.log_driver, web.log_options) == ("json-file", {"max-size": "10m"})
    assert (web.ulimits, web.sysctls, web.tmpfs) == (("nofile",), ("net.core.somaxconn",), ("/scratch",))
    assert web.extra_hosts == ("db:10.0.0.5",)
    assert web.runs_sshd is False
    assert web.label("com.docker.compose.service") == "web"


def test_secrets_are_named_and_not_kept() -> None:
    hints = {(hint.place, hint.name) for hint in read("web").secret_hints or ()}
    assert hints == {("env", "DB_PASSWORD"), ("label", "api.token")}
    assert ("command", "--password") in {(hint.place, hint.name) for hint in read("bare").secret_hints or ()}


def test_a_dangerous_container_that_never_ran_is_read_in_full() -> None:
    bare = read("bare")
    assert (bare.privileged, bare.pid_mode, bare.state) == (True, "host", "created")
    assert bare.security_options == ("seccomp=unconfined", "label=disable")
    assert (bare.masked_paths, bare.readonly_paths) == (None, None)
    assert [(device.host_path, device.permissions) for device in bare.devices or ()] == [("/dev/null", "r")]
    assert (bare.init, bare.started_at, bare.stop_timeout, bare.health) == (None, None, None, "none")


def test_an_out_of_memory_kill_and_a_failed_start_are_seen() -> None:
    assert (read("oom").oom_killed, read("oom").exit_code) == (True, 137)
    failing = read("failing")
    assert failing.exit_code == 127
    assert 'exec: "/no/such/program": stat /no/such/program' in (failing.error or "")


def test_an_engine_error_that_quotes_a_variable_or_an_argument_does_not_pass_it_on() -> None:
    told = read(
        "failing",
        Config={"Env": ["GREETING=correct-horse"]},
        Args=["--battery-staple"],
        State={"Error": "bad value correct-horse in --battery-staple"},
    )
    assert told.error == "bad value (…) in (…)"


@pytest.mark.parametrize("status", ["paused", "exited", "restarting"])
def test_the_health_of_what_does_not_run_is_unknown(status: str) -> None:
    told = read("web", State={"Status": status, "Health": {"Status": "unhealthy", "FailingStreak": 3}})
    assert (told.health, told.failing_streak) == (None, None)


def test_no_health_check_is_none_even_where_the_engine_shows_an_empty_health() -> None:
    for name in ("web", "bare"):
        facts = container(snapshot(PODMAN), name)
        assert facts.health == ("none" if name == "web" else None)
    assert read("web", Config={"Healthcheck": {"Test": ["NONE"]}}).health == "none"
    assert read("web", Config={"Healthcheck": {"Test": []}}).health_check is None


def test_a_health_check_in_an_unknown_form_is_a_command_and_its_words_are_not_kept() -> None:
    told = read("web", Config={"Healthcheck": {"Test": ["curl -u bob:hunter2 localhost", "--token=hunter2"]}})
    assert told.health_check == HealthCheck("CMD")
    assert "hunter2" not in repr(told)
    assert SecretHint("health", "--token", "its name is a secret's") in (told.secret_hints or ())


def test_a_custom_seccomp_profile_is_kept_as_its_hash() -> None:
    told = read("web", HostConfig={"SecurityOpt": ['seccomp={"defaultAction":"SCMP_ACT_ALLOW"}']})
    assert [option[:15] for option in told.security_options or ()] == ["seccomp=sha256:"]
    other = read("web", HostConfig={"SecurityOpt": ['seccomp={"defaultAction":"SCMP_ACT_ERRNO"}']})
    assert told.security_options != other.security_options


def test_an_empty_list_of_masked_paths_is_not_the_same_as_none() -> None:
    assert read("web", HostConfig={"MaskedPaths": []}).masked_paths == ()
    assert read("web", HostConfig={"MaskedPaths": None}).masked_paths is None


def test_capabilities_are_read_in_either_spelling() -> None:
    told = read("web", HostConfig={"CapAdd": ["CAP_SYS_ADMIN", "net_admin"]})
    assert told.cap_add == ("NET_ADMIN", "SYS_ADMIN")


def test_a_field_of_another_type_is_unknown_and_spares_the_others() -> None:
    told = read("web", HostConfig={"Privileged": "no", "CapAdd": 7, "Memory": True, "Devices": [1]})
    assert (told.privileged, told.cap_add, told.memory, told.devices) == (None, None, None, None)
    assert told.readonly_root is True


def test_without_an_environment_nobody_says_there_is_no_secret() -> None:
    told = read("web", Config={"Env": "DB_PASSWORD=x"})
    assert (told.environment_names, told.secret_hints) == (None, None)


def test_other_log_options_are_named_without_their_values() -> None:
    told = read("web", HostConfig={"LogConfig": {"Type": "splunk", "Config": {"splunk-token": "x", "mode": "y"}}})
    assert (told.log_option_names, told.log_options) == (("mode", "splunk-token"), {"mode": "y"})


def test_a_command_line_in_one_word_leaves_only_the_program() -> None:
    assert read("web", Path="mysql -phunter2").command_program == "mysql"


def test_sshd_is_seen_as_program_and_inside_a_shell_line() -> None:
    assert read("web", Path="/usr/sbin/sshd").runs_sshd is True
    assert read("web", Path="sh", Args=["-c", "exec /usr/sbin/sshd -D"]).runs_sshd is True
    assert read("web", Path="sh", Args=["-c", "exec mysshdiary"]).runs_sshd is False


def test_an_image_whose_tag_moved_is_listed_by_its_id() -> None:
    replies = copy.deepcopy(DOCKER)
    listed = next(entry for entry in replies["/containers/json"] if entry["Names"] == ["/web"])
    listed["Image"] = "sha256:" + "a" * 64
    web = container(snapshot(replies), "web")
    assert (web.listed_image, web.image_reference) == ("sha256:" + "a" * 64, "busybox:local")


def test_a_link_is_not_the_containers_name() -> None:
    replies = copy.deepcopy(DOCKER)
    path = inspect_path(replies, "web")
    listed = next(entry for entry in replies["/containers/json"] if entry["Names"] == ["/web"])
    listed["Names"] = ["/other/alias", "/web"]
    replies[path]["Name"] = None
    assert "web" in {facts.name for facts in snapshot(replies).containers}


def test_podmans_constants_are_no_evidence() -> None:
    web = container(snapshot(PODMAN), "web")
    assert (web.log_driver, web.pid_mode, web.ipc_mode, web.pids_limit) == (None, "private", "shareable", 2048)
    assert len(web.cap_drop or ()) == 13
    assert web.user == "10001"
