"""Volume options, whose `o` packs several mount options, a password among them, into one text."""

from __future__ import annotations

from fleet.engines.reading.redaction import HIDDEN, redact_pairs, why_secret

# Mount options without a value; the rest after a password may be its tail.
_FLAGS = {
    *("soft", "hard", "softreval", "ro", "rw", "bind", "rbind", "lock", "nolock", "ac", "noac", "intr", "nointr"),
    *("sync", "async", "dirsync", "atime", "noatime", "relatime", "nodiratime", "nosuid", "nodev", "noexec"),
    *("tcp", "udp", "guest", "seal", "perm", "noperm", "forceuid", "forcegid", "serverino", "noserverino"),
}
_WHO = {"user", "username", "cred", "credentials"}  # no secrets themselves, but half of one


def redact_options(given: dict[str, str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Options without passwords and user names, and the names of those that held a password: `o:password`."""
    kept, hints = redact_pairs({name: value for name, value in given.items() if name != "o"}, place="option")
    secret = {hint.name for hint in hints}
    for name in kept:
        if name.lower() in _WHO:
            kept[name] = HIDDEN
    if "o" in given:
        kept["o"], within = _redact_mount_options(given["o"])
        secret |= {f"o:{name}" for name in within}
    return kept, tuple(sorted(secret))


def _redact_mount_options(text: str) -> tuple[str, set[str]]:
    # A password may itself hold a comma: what follows it may be its tail, so it goes unless it is a mount flag.
    kept: list[str] = []
    secret: set[str] = set()
    hiding = False
    for part in text.split(","):
        name, sign, value = part.partition("=")
        if not sign:
            if not hiding or part in _FLAGS:
                kept.append(part)
            continue
        known = bool(why_secret(name, value))
        hiding = known or name.strip().lower() in _WHO
        if known:
            secret.add(name.strip())
        kept.append(f"{name}={HIDDEN}" if hiding else part)
    return ",".join(kept), secret
