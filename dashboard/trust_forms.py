"""The forms of trust: publishers, registries, candidates. None of them ever shows a secret again that was entered."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django import forms
from django.http import QueryDict

from fleet.models import ImageRegistry
from fleet.proving import ProvingError, RegistryTerms
from fleet.trust.errors import UnusableKey
from fleet.trust.identities import entered, spelled
from fleet.trust.keys import PRIVATE, is_private, read_certificates, read_public, to_pem
from fleet.trust.roots import DEFAULT_ROLES, Kind
from fleet.trust.sigstore_library import UnavailableError, public_good
from fleet.trust.sigstore_root import read_sigstore_root
from fleet.trust.terms import Server, Terms

_LARGEST: Final = 64 * 1024
_CODE: Final = {"rows": 4, "spellcheck": "false", "autocomplete": "off"}
_WITHOUT_KEYS: Final = (
    "One to a line, an issuer and whom it vouches for: https://accounts.example,release@acme.example. For a workflow "
    "the rest of a branch or tag may be an asterisk."
)
_BURNT: Final = f"{PRIVATE[:1].upper()}{PRIVATE[1:]}."
_NOT_TEXT: Final = (
    "That file is not text. A key in PEM begins with -----BEGIN; `openssl pkey -pubin -inform DER -in FILE` makes it "
    "of one in DER."
)


class PublicForm(forms.Form):
    """Somebody may paste a private key by mistake, into whatever field: it is refused, and not shown again."""

    def __init__(self, data: QueryDict | None = None, files: Any = None, **kwargs: Any) -> None:
        self._burnt: list[str] = []
        if data is not None:
            data = data.copy()
            for name, values in data.lists():
                if any(is_private(str(value)) for value in values):
                    self._burnt.append(name)
                    data[name] = ""
        super().__init__(data, files, **kwargs)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        for name in self._burnt:
            if name in self.fields:
                self.errors.pop(name, None)  # that it is required, which it is only since it was taken away
            self.add_error(name if name in self.fields else None, _BURNT)
        return cleaned

    def refuse(self, error: ProvingError) -> None:
        """Beside the field that it is about."""
        self.add_error(error.field if error.field in self.fields else None, str(error))

    def _show_again(self, name: str, text: str) -> None:
        self.data[name] = text  # type: ignore[index]  # our own copy, which can be written


def _lines(**options: Any) -> forms.CharField:
    rows = options.pop("rows", 2)
    widget = forms.Textarea(attrs={"rows": rows, "spellcheck": "false"})
    return forms.CharField(widget=widget, max_length=_LARGEST, **options)


def pem_field(**options: Any) -> forms.CharField:
    return forms.CharField(widget=forms.Textarea(attrs=_CODE), required=False, strip=False, **options)


def _listed(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


class RootForm(PublicForm):
    """What is believed of a publisher. `kind` decides which fields there are; their names are those of errors."""

    name = forms.CharField(
        max_length=100,
        label="Publisher",
        help_text="What people call it, such as payments or Payments release team.",
        error_messages={"required": "Give the publisher a name."},
    )
    scopes = _lines(
        label="Speaks for",
        rows=3,
        help_text="One to a line: registry.internal/team/web for one repository, registry.internal/team/* for all "
        "below, registry.internal/* for a registry; docker.io/library/redis at Docker Hub.",
        error_messages={"required": "Say for which images it speaks, such as registry.internal/team/*."},
    )
    material = pem_field(label="Public keys")
    file = forms.FileField(required=False, label="Or a file of them", help_text="It takes the place of the text above.")
    public_good = forms.BooleanField(
        required=False,
        label="That of the public Sigstore",
        help_text="As the installed package has it now, copied into this version in place of the text above.",
    )
    threshold = forms.IntegerField(initial=1, help_text="How many of the keys must have signed an image.")
    match_name = forms.BooleanField(
        required=False,
        label="Signatures must name the repository",
        help_text="Then one that was made for another repository does not count here.",
    )
    identities = _lines(
        required=False,
        label="Signers",
        help_text="Parts of the subject of the signer’s certificate, one signer to a line: CN=release,O=Payments. "
        "Without any, whatever leads to the certificates above counts.",
    )
    server = forms.CharField(
        max_length=300,
        label="Server of signed metadata",
        help_text="https://notary.internal",
        error_messages={"required": "Say where its signed metadata is, such as https://notary.internal."},
    )
    server_private = forms.BooleanField(
        required=False, label="It is inside our network", help_text="Else only addresses on the internet are asked."
    )
    server_plain = forms.BooleanField(
        required=False,
        label="It speaks http, without encryption",
        help_text="What is signed cannot be forged on the way, but can be withheld.",
    )
    server_ca = pem_field(
        label="Certificates to trust instead of the system’s", help_text="PEM, of whoever signed the server’s own."
    )
    roles = _lines(
        required=False,
        label="Roles whose tags count",
        help_text=f"One to a line, the first that signs a tag decides. Without any: {', '.join(DEFAULT_ROLES)}.",
    )

    _of: ClassVar[dict[Kind, tuple[str, ...]]] = {
        Kind.COSIGN: ("threshold", "match_name"),
        Kind.COSIGN_KEYLESS: ("public_good", "identities", "threshold"),
        Kind.NOTATION: ("identities",),
        Kind.NOTARY: ("server", "server_private", "server_plain", "server_ca", "roles"),
    }
    _keys: ClassVar[dict[Kind, tuple[str, str]]] = {
        Kind.COSIGN: ("Public keys", "As cosign.pub has them, or certificates of which only the key counts."),
        Kind.COSIGN_KEYLESS: (
            "Trusted root of the Sigstore",
            "The JSON that its operator publishes, trusted_root.json; or the box below.",
        ),
        Kind.NOTATION: ("Certificates", "What a signer’s chain must end in, as PEM: the roots, or the signers’ own."),
        Kind.NOTARY: ("Root keys", "Of the repositories, as PEM; a certificate counts as the key in it."),
    }

    def __init__(self, *args: Any, kind: Kind, is_new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        for fields in self._of.values():
            for name in fields:
                if name not in self._of[kind]:
                    self.fields.pop(name, None)
        if not is_new:
            del self.fields["name"]
        if kind is Kind.COSIGN_KEYLESS:
            self.fields["identities"].required = True
            self.fields["identities"].help_text = _WITHOUT_KEYS
            self.fields["identities"].error_messages["required"] = f"Say who may sign. {_WITHOUT_KEYS}"
            self.fields["threshold"].help_text = "How many of the signers must have signed an image."
        self.fields["material"].label, about = self._keys[kind]
        self.fields["material"].widget.attrs |= {"rows": 9, "required": True}  # unless there is a file, or a box
        self.fields["material"].help_text = f"{about} Public alone: never paste a private key anywhere."

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        text = cleaned.get("material") or ""
        given = cleaned.get("file")
        field = "file" if given else "public_good" if cleaned.get("public_good") else "material"
        if given and cleaned.get("public_good"):
            self.add_error("public_good", "A file and the public Sigstore are two trusted roots: take one of them.")
        elif given:
            text = self._text_of(given)
        elif cleaned.get("public_good"):
            text = self._public_good()
        is_good = not {field, "public_good"} & self.errors.keys()
        if is_good:
            cleaned["material"] = self._public(field, text)
        # What is shown again is what was understood: nothing of a key that is none, or of what stood around one.
        is_good = not {field, "public_good"} & self.errors.keys()
        self._show_again("material", cleaned["material"] if is_good else "")
        if "server_ca" in self.fields:
            self._show_again("server_ca", self._certificates("server_ca", cleaned.get("server_ca") or ""))
        return cleaned

    def _public_good(self) -> str:
        try:
            return public_good()
        except UnavailableError as error:
            self.add_error("public_good", f"{str(error)[:1].upper()}{str(error)[1:]}.")
            return ""

    def _text_of(self, given: Any) -> str:
        if given.size > _LARGEST:
            self.add_error("file", "That file is larger than 64 KiB; it is no file of public keys.")
            return ""
        try:
            return str(given.read().decode("ascii"))
        except UnicodeDecodeError:
            self.add_error("file", _NOT_TEXT)
            return ""

    def _public(self, field: str, text: str) -> str:
        """The keys in their one spelling; an error beside the field where they are none."""
        try:
            if self.kind is Kind.NOTATION:
                return "".join(to_pem("CERTIFICATE", der) for der in read_certificates(text))
            if self.kind is Kind.COSIGN_KEYLESS:
                return read_sigstore_root(text).text()
            return "".join(to_pem("PUBLIC KEY", key.spki) for key in read_public(text))
        except UnusableKey as error:
            self.add_error(field, f"{str(error)[:1].upper()}{str(error)[1:]}.")
            return ""

    def _certificates(self, field: str, text: str) -> str:
        return only_certificates(self, field, text)

    def terms(self) -> Terms:
        data = self.cleaned_data
        server = None
        if self.kind is Kind.NOTARY:
            server = Server(
                address=data["server"],
                private=data["server_private"],
                plain=data["server_plain"],
                ca=data["server_ca"] or "",
            )
        return Terms(
            kind=self.kind,
            scopes=_listed(data["scopes"]),
            material=data["material"],
            threshold=data.get("threshold", 1),
            roles=_listed(data.get("roles", "")),
            identities=tuple(
                entered(one, keyless=self.kind is Kind.COSIGN_KEYLESS) for one in _listed(data.get("identities", ""))
            ),
            match_name=data.get("match_name", False),
            server=server,
        )

    @staticmethod
    def initial_of(terms: Terms) -> dict[str, Any]:
        server = terms.server
        return {
            "scopes": "\n".join(terms.scopes),
            "material": terms.material,
            "threshold": terms.threshold,
            "match_name": terms.match_name,
            "identities": "\n".join(spelled(one) for one in terms.identities),
            "roles": "\n".join(terms.roles),
            **(server_initial(server) if server else {}),
        }


def server_initial(server: Server) -> dict[str, Any]:
    return {
        "server": server.address,
        "server_private": server.private,
        "server_plain": server.plain,
        "server_ca": server.ca,
    }


def only_certificates(form: PublicForm, field: str, text: str) -> str:
    """PEM certificates in their one spelling; an error beside the field where they are none."""
    if not text.strip() or field in form.errors:
        return ""
    try:
        return "".join(to_pem("CERTIFICATE", der) for der in read_certificates(text))
    except UnusableKey as error:
        form.add_error(field, f"{str(error)[:1].upper()}{str(error)[1:]}.")
        return ""


class AdoptForm(forms.Form):
    """The last step of a new version."""

    compared = forms.BooleanField(
        label="I have compared each new fingerprint with the publisher",
        help_text="By another way than the keys came: over the telephone, in person, on paper.",
        error_messages={
            "required": "Compare the new fingerprints with the publisher first, and say so: nothing else tells whose "
            "keys these are."
        },
    )


class RegistryForm(PublicForm):
    """A registry that may be asked. The password goes in and never comes out again."""

    host = forms.CharField(
        max_length=255,
        label="Registry",
        help_text="As images have it: registry.internal:5000, ghcr.io; docker.io for Docker Hub.",
        error_messages={"required": "Name the registry, such as registry.internal:5000."},
    )
    private = forms.BooleanField(
        required=False, label="It is inside our network", help_text="Else only addresses on the internet are asked."
    )
    plain = forms.BooleanField(
        required=False,
        label="It speaks http, without encryption",
        help_text="Digests and signatures hold all the same; a password is sent only inside.",
    )
    ca = pem_field(
        label="Certificates to trust instead of the system’s", help_text="PEM, of whoever signed the registry’s own."
    )
    username = forms.CharField(
        max_length=255, required=False, label="Name", widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    password = forms.CharField(
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="Or a token that may only read. Sealed before it is stored, and never shown.",
    )
    realms = _lines(
        required=False,
        label="Other hosts that may see the password",
        help_text="One to a line: where the registry keeps its tokens, when that is another host, such as "
        "auth.internal. Docker Hub’s own is known.",
    )

    def __init__(self, *args: Any, row: ImageRegistry | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._row = row
        if row is not None:
            del self.fields["host"]
        if row is not None and row.sealed_password:
            self.fields["password"].help_text = "One is stored. Leave this empty to keep it; empty the name to drop it."

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self._show_again("ca", only_certificates(self, "ca", cleaned.get("ca") or ""))
        return cleaned

    def terms(self) -> RegistryTerms:
        data = self.cleaned_data
        keeps = self._row is not None and not data["password"] and bool(self._row.sealed_password)
        return RegistryTerms(
            plain=data["plain"],
            private=data["private"],
            ca=data["ca"] or "",
            username=data["username"],
            password=None if keeps else data["password"],
            realms=_listed(data["realms"]),
        )

    @staticmethod
    def initial_of(row: ImageRegistry) -> dict[str, Any]:
        return {
            "private": row.private,
            "plain": row.plain,
            "ca": row.ca,
            "username": row.username,
            "realms": "\n".join(row.realms),
        }


class ForgetForm(PublicForm):
    """Why what was seen has to be forgotten."""

    reason = forms.CharField(
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What happened, and who asked for it; the audit trail keeps it.",
        error_messages={"required": "Say why; the audit trail keeps it."},
    )
