"""`./loadline simulate`: engines that are not there, for people without one, for tests and for benchmarks."""

from __future__ import annotations

import contextlib
import csv
import gc
import signal
from argparse import ArgumentTypeError
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from fleet import registration, simulation
from fleet.simulation import SimulatedFleet, SimulatedHost

_FAULTS = "; ".join(f"{kind}: {what}" for kind, what in simulation.KINDS.items())
_HIGHEST_PORT = 65_535
_ENDING: Final = (signal.SIGTERM, signal.SIGINT)


class Command(BaseCommand):
    help = "Runs simulated engines on loopback, one port each, until interrupted."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--engines", type=_count, default=10, help="how many (default 10)")
        parser.add_argument("--containers", type=_count, default=20, help="containers on each (default 20)")
        parser.add_argument("--base-port", type=int, default=21000, help="the first engine's port (default 21000)")
        parser.add_argument("--seed", type=int, default=1, help="another number, another fleet (default 1)")
        parser.add_argument("--fault", action="append", default=[], metavar="KIND=SHARE", dest="faults",
                            help="spoil a share (0 to 1, or 5%%) of the engines; may be given again. "
                                 + _FAULTS)  # fmt: skip
        parser.add_argument("--churn", type=_per_cent, default=0.0, metavar="PERCENT",
                            help="containers of each engine that change in every interval: replaced, restarted, "
                                 "stopped and started again, ill and well again (default 0)")  # fmt: skip
        parser.add_argument("--churn-seconds", type=float, default=30.0,
                            help="length of an interval (default 30)")  # fmt: skip
        parser.add_argument("--agents", type=int, default=0,
                            help="services that stand on every engine, as monitoring does (default 0)")  # fmt: skip
        parser.add_argument("--control-port", type=int, default=0, metavar="PORT",
                            help="answer GET /usage and POST /change?engine=NAME there, for benchmarks")  # fmt: skip
        parser.add_argument("--company", action="store_true", help="the demo company instead of a generated fleet")
        parser.add_argument("--services", type=_count, metavar="N",
                            help="so many services with all kinds of state, doors and ties, instead of engines and "
                                 "containers by number")  # fmt: skip
        parser.add_argument("--csv", metavar="FILE", help="write a file for ./loadline host import instead of lines")
        parser.add_argument("--remove", action="store_true", help="forget every simulated host and its services")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["remove"]:
            removed = registration.remove_simulated(now=timezone.now())
            self.stdout.write(f"Removed {removed} simulated host{'' if removed == 1 else 's'}.")
            return
        fleet = _fleet(options)
        with _signals_held():
            try:
                handle = simulation.serve(fleet, base_port=options["base_port"], control_port=options["control_port"])
            except (simulation.PortTakenError, simulation.TooManyEnginesError) as error:
                raise CommandError(str(error)) from error
            gc.freeze()  # what lasts as long as the process need not be looked through again and again
            try:
                self._tell(handle.hosts, options["csv"])
                signal.sigwait(_ENDING)
            finally:
                handle.stop()
            with contextlib.suppress(BrokenPipeError):  # whoever read the list may have gone
                self.stdout.write(handle.usage().sentence())
                self.stdout.flush()

    def _tell(self, hosts: Sequence[SimulatedHost], file: str | None) -> None:
        if file is None:
            for host in hosts:
                self.stdout.write(f"{host.name} {host.url}")
        else:
            _write_csv(Path(file), hosts)
            self.stdout.write(f"{len(hosts)} engines answer; their list is in {file}")
        self.stdout.flush()


def _fleet(options: dict[str, Any]) -> SimulatedFleet:
    seed = options["seed"]
    if options["company"]:
        fleet = simulation.demo_company(seed=seed)
    elif options["services"]:
        fleet = simulation.varied(options["services"], seed=seed)
    else:
        fleet = simulation.synthetic(
            engines=options["engines"], containers=options["containers"], agents=options["agents"], seed=seed
        )
    last = options["base_port"] + len(fleet.engines) - 1
    if not 1 <= options["base_port"] <= last <= _HIGHEST_PORT:
        raise CommandError(
            f"--base-port {options['base_port']} and {len(fleet.engines)} engines need ports up to {last}; "
            f"they must lie between 1 and {_HIGHEST_PORT}"
        )
    try:
        fleet = simulation.churning(fleet, share=options["churn"] / 100, seconds=options["churn_seconds"])
    except ValueError as error:
        raise CommandError(f"--churn: {error}") from error
    try:
        return simulation.spread(fleet, dict(_fault(text) for text in options["faults"]))
    except ValueError as error:
        raise CommandError(f"--fault: {error}") from error


def _fault(text: str) -> tuple[str, float]:
    kind, _, share = text.partition("=")
    try:
        return kind, float(share[:-1]) / 100 if share.endswith("%") else float(share)
    except ValueError:
        raise ValueError(f"{text} is not KIND=SHARE, such as hang=0.05 or hang=5%") from None


def _per_cent(text: str) -> float:
    try:
        return float(text.removesuffix("%"))
    except ValueError:
        raise ArgumentTypeError(f"{text} is not a number of per cent, such as 1 or 0.5") from None


def _count(text: str) -> int:
    if text.isdecimal() and int(text) > 0:
        return int(text)
    raise ArgumentTypeError(f"{text} is not a whole number above zero")


def _write_csv(path: Path, hosts: Sequence[SimulatedHost]) -> None:
    try:
        with path.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("name", "url", "environment", "team"))
            writer.writerows((host.name, host.url, host.environment, host.team) for host in hosts)
    except OSError as error:
        raise CommandError(f"--csv {path} cannot be written: {error.strerror}") from error


@contextlib.contextmanager
def _signals_held() -> Iterator[None]:
    """Keeps SIGTERM and SIGINT waiting until `sigwait` asks for them, also those sent before it does.

    A handler that sets an event can lock itself out: it runs in the very thread that waits for the event.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)  # the servers' thread inherits it
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
