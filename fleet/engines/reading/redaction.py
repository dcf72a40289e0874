"""Keeps secrets inside the engine module: what looks like one is noted by its place, and its value is dropped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import chain, islice
from typing import Final

from fleet.inventory import SecretHint

HIDDEN: Final = "(looks like a secret)"
LONGEST_FREE_TEXT: Final = 300
_SHORTEST_KNOWN_VALUE: Final = 6  # shorter ones ("sleep", "prod") would tear ordinary words out of a message
_MOST_WORDS: Final = 256  # of a command line are looked at; a hostile engine may send a million
_LONGEST_VALUE: Final = 512
_NAMED: Final = "its name is a secret's"

_WORDS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
_IN_NAME = re.compile(r"PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|APIKEY|PRIVATEKEY|CREDENTIAL")
_WORD_ENDS: Final = ("PASS", "PWD", "DSN")  # as ends only: PASSENGER_APP_ENV is no secret
_INNOCENT_WORDS: Final = {"COMPASS", "BYPASS", "TOKENIZER", "TOKENIZERS"}
_CREDENTIALS = re.compile(r"credentials?$", re.IGNORECASE)
_SHELL_VARIABLES: Final = {"PWD", "OLDPWD"}  # where the shell stands
# DB_PASSWORD_FILE, TOKEN_TTL: about a secret, not the secret
_ABOUT: Final = {"FILE", "FILES", "PATH", "DIR", "TTL", "LENGTH", "EXPIRY", "TIMEOUT", "ENABLED"}
_SWITCHES: Final = {"", "0", "1", "true", "false", "yes", "no", "on", "off", "none", "null"}
_REFERENCE = re.compile(r"^\$(?:\w+|\{[^}]*\}|\([^)]*\))$|^/run/secrets/")

_USERINFO = re.compile(r"(://)[^\s/:@]*:(?!\d{1,5}/)\S*@")  # greedy: a password may itself hold @ and /
_SHARE_USERINFO = re.compile(r"^(//)[^\s/@]*:\S*@")
_VALUES: Final = (
    ("an AWS access key", re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b")),
    ("a GitHub token", re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,})")),
    ("a GitLab token", re.compile(r"\bglpat-[\w-]{15,}")),
    ("a Slack token", re.compile(r"\bxox[abeprs]-[\w-]{8,}")),
    ("a Google API key", re.compile(r"\bAIza[\w-]{35}")),
    ("a Stripe key", re.compile(r"\b[rs]k_live_\w{10,}")),
    ("a JSON web token", re.compile(r"\beyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*)?")),
    ("a private key", re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY.*?(?:-----END [A-Z ]*-----|$)", re.DOTALL)),
    ("a password hash", re.compile(r"\$(?:apr1|2[aby]|5|6|argon2\w*)\$\S+")),
    ("a URL with a password", _USERINFO),
    ("a URL with a password", _SHARE_USERINFO),
)
#: Without one of these none of them matches; nearly no value has one, and so it is looked for first.
_OF_VALUES: Final = re.compile(r"AKIA|ASIA|gh[pousr]_|github_pat_|glpat-|xox|AIza|k_live_|eyJ|-----BEGIN|[$@]")
# The value is looked at but not consumed: in `failed: password=x` the second name must still be found.
_ASSIGNMENT = re.compile(
    r"""(?<![\w.-])(?P<name>-{0,2}[A-Za-z_][\w.-]*)["']?\s*(?:=|:(?!//))\s*(?=(?P<value>"[^"]*"|'[^']*'|[^\s"';&|,]+))"""
)
_SPOKEN_FLAG = re.compile(r"(?<![\w.-])(?P<name>--[A-Za-z][\w.-]*)\s+(?=(?P<value>[^\s-]\S*))")
_AUTHORIZATION = re.compile(r"(?i)\b(bearer|basic)(\s+)[\w.+/=~-]{8,}")
_PROGRAM_WITH_ARGUMENTS = re.compile(r'(exec: \\?"[^"\s\\]+)\s[^"]*"')
_PLAIN_NAME = re.compile(r"^[A-Za-z_][\w.()/-]{0,127}$")


@lru_cache(maxsize=2048)  # a fleet's variables and labels have few names; of values none is ever kept
def names_a_secret(name: str) -> bool:
    """Whether a variable, flag, label or option of this name holds a secret.

    Substrings where they are unmistakable, word ends where they are not; `PWD` alone is the shell's own, and
    a name that ends in FILE, TTL and the like only points at a secret or describes one.
    """
    if name in _SHELL_VARIABLES:
        return False
    words = [word.upper() for word in _WORDS.findall(name)]
    if not words or words[-1] in _ABOUT:
        return False
    words = [word for word in words if word not in _INNOCENT_WORDS]
    return bool(_IN_NAME.search("".join(words))) or any(word.endswith(_WORD_ENDS) for word in words)


def why_secret(name: str, value: str) -> str | None:
    """A short phrase when the value of that name looks like a secret, else None."""
    if _OF_VALUES.search(value):
        for kind, pattern in _VALUES:
            if pattern.search(value):
                return f"its value looks like {kind}"
    return _NAMED if names_a_secret(name) and _could_be_secret(name, value) else None


def _could_be_secret(name: str, value: str) -> bool:
    if value.strip().lower() in _SWITCHES or _REFERENCE.match(value):
        return False  # ALLOW_EMPTY_PASSWORD=yes, PASSWORD=${FROM_ELSEWHERE}
    if _CREDENTIALS.search(name) and value.startswith("/"):
        return False  # GOOGLE_APPLICATION_CREDENTIALS=/key.json, credentials=/etc/cifs: where they are
    return not (name.upper().endswith("TOKENS") and value.isdigit())  # MAX_TOKENS=4096


def redact_pairs(given: Mapping[str, str], *, place: str) -> tuple[dict[str, str], tuple[SecretHint, ...]]:
    """Labels or options with secret-looking values replaced, and a hint for each."""
    kept: dict[str, str] = {}
    hints: list[SecretHint] = []
    for name, value in given.items():
        why = why_secret(name, value)
        kept[name] = HIDDEN if why else value
        if why:
            hints.append(SecretHint(place, name, why))
    return kept, tuple(hints)


def without_secrets(given: Mapping[str, str] | None) -> dict[str, str] | None:
    return None if given is None else redact_pairs(given, place="label")[0]


def redact_text(text: str, *, known: Iterable[str] = ()) -> str:
    """Free text such as an engine's error, without what looks like a secret and without the `known` values."""
    if not text:
        return text
    # Longest first, so that no value leaves its tail behind when a shorter one is a part of it.
    for value in sorted(set(known), key=len, reverse=True):
        if len(value) >= _SHORTEST_KNOWN_VALUE:
            text = text.replace(value, "(…)")
    text = _PROGRAM_WITH_ARGUMENTS.sub(r'\1 (…)"', text)
    for _, pattern in _VALUES if _OF_VALUES.search(text) else ():
        text = pattern.sub(lambda found: f"{found[1] if found.lastindex else ''}{HIDDEN}", text)
    text = _AUTHORIZATION.sub(rf"\1\2{HIDDEN}", text)
    for assignment in (_ASSIGNMENT, _SPOKEN_FLAG):
        text = _without_values(text, assignment)
    return text[:LONGEST_FREE_TEXT]


def _without_values(text: str, assignment: re.Pattern[str]) -> str:
    parts: list[str] = []
    done = 0
    for found in assignment.finditer(text):
        if found.start() >= done and names_a_secret(found["name"]):
            parts += (text[done : found.end()], HIDDEN)
            done = found.end("value")
    return "".join((*parts, text[done:]))


def plain_name(name: str) -> str:
    """A variable's or flag's name; one that is no ordinary name may be a value that went astray."""
    if _PLAIN_NAME.match(name.lstrip("-")) and not why_secret("", name):
        return name
    return "(unusual name)"


def hints_in_environment(entries: Iterable[str]) -> tuple[SecretHint, ...]:
    """Which variables look like secrets, from `NAME=value` entries."""
    hints = []
    for entry in entries:
        name, _, value = entry.partition("=")
        why = why_secret(name, value)
        if why:
            hints.append(SecretHint("env", plain_name(name), why))
    return tuple(sorted(hints, key=lambda hint: hint.name))


def hints_in_command(words: Iterable[str], *, place: str = "command") -> tuple[SecretHint, ...]:
    """Which flags or assignments of a command line look like secrets.

    `--password=x`, `--password x`, `PASSWORD=x`, also inside a shell's one long word; `-px` is too vague to tell.
    """
    found: dict[str, str] = {}
    words = list(islice(words, _MOST_WORDS))
    for index, word in enumerate(words):
        value_follows = index + 1 < len(words) and not words[index + 1].startswith("-")
        if word.startswith("--") and "=" not in word and " " not in word and value_follows:
            _note(found, word, words[index + 1])
        holds_known_kind = why_secret("", word) is not None
        for match in islice(chain(_ASSIGNMENT.finditer(word), _SPOKEN_FLAG.finditer(word)), _MOST_WORDS):
            if holds_known_kind or names_a_secret(match["name"]):
                _note(found, match["name"], match["value"].strip("\"'")[:_LONGEST_VALUE])
        if holds_known_kind:
            _note(found, "argument", word)
    # A flag that names the secret says more than "an argument".
    if len(found) > 1:
        found.pop("argument", None)
    return tuple(SecretHint(place, name, why) for name, why in sorted(found.items()))


def _note(found: dict[str, str], name: str, value: str) -> None:
    why = why_secret(name, value)
    if why:
        found.setdefault(plain_name(name), why)
