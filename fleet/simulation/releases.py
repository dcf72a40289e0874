"""Engine releases and systems that simulated machines run."""

from __future__ import annotations

from fleet.simulation.plan import Release, System
from fleet.simulation.spec import GIB

_CONTAINERD_23 = ("v2.3.5", "4a1f6c2d9b7e0c3358d1f0a6be92c7745e1d8f30")
_RUNC_14 = ("1.4.3", "v1.4.3-0-g7d1c2e9")
_RUNC_13 = ("1.3.6", "v1.3.6-0-g2b9f1aa")

V29 = Release("29.7.2", 55, 40, *_CONTAINERD_23, *_RUNC_14)
V29_EARLIER = Release("29.7.1", 55, 40, "v2.3.5", "4a1f6c2d9b7e0c3358d1f0a6be92c7745e1d8f30", *_RUNC_13,
                      built="2026-06-24T09:12:40.000000000+00:00", commit="b51c0de")  # fmt: skip
V24 = Release("24.0.7", 43, 12, "1.6.27", "a1496014c916f9e62104b33d1bb5bd03b0858e59", "1.1.11", "v1.1.11-0-g4bccb38",
              go="go1.20.10", commit="311b9ff", built="2023-10-26T09:08:02.000000000+00:00")  # fmt: skip
# What Debian 12 ships: the release that the contract tests hold the simulation against.
V20_DEBIAN = Release("20.10.24+dfsg1", 41, 12, "1.6.20~ds1", "1.6.20~ds1-1+deb12u3", "1.1.5+ds1",
                     "1.1.5+ds1-1+deb12u1", go="go1.19.8", commit="5d6db84", platform="",
                     built="2026-05-07T21:09:36.000000000+00:00")  # fmt: skip

UBUNTU_2404 = System("Ubuntu 24.04.4 LTS", "24.04", "6.8.0-88-generic")
UBUNTU_2004 = System("Ubuntu 20.04.6 LTS", "20.04", "5.4.0-216-generic", cgroup="1",
                     security=("name=apparmor", "name=seccomp,profile=builtin"), cpus=8, memory=32 * GIB)  # fmt: skip
DEBIAN_12 = System("Debian GNU/Linux 12 (bookworm)", "12", "6.1.0-39-amd64", cgroup="1",
                   security=("name=seccomp,profile=default",), cpus=2, memory=4 * GIB)  # fmt: skip
DEBIAN_13 = System("Debian GNU/Linux 13 (trixie)", "13", "6.12.57+deb13-amd64", cpus=8, memory=32 * GIB)
