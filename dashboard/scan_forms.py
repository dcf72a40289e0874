"""The form that takes a scanner's report, and how what was previewed comes back with the second step."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from django import forms
from django.core import signing

from fleet.trust.scan import MOST_REPORT, Scan

_SALT: Final = "loadline.scan"
#: Between looking at a preview and keeping it.
_SECONDS: Final = 3600


class ScanForm(forms.Form):
    file = forms.FileField(
        label="Report",
        help_text="What <code>trivy image --format json</code> or <code>grype -o json</code> wrote.",
        error_messages={"required": "Choose the file that the scanner wrote.", "empty": "That file is empty."},
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MOST_REPORT:
            raise forms.ValidationError(f"That file is larger than {MOST_REPORT // 1024 // 1024} MiB.")
        return file

    def content(self) -> bytes:
        return bytes(self.cleaned_data["file"].read())


def sealed(scan: Scan) -> str:
    """What was read, for a hidden field: the file itself is too large to go to the browser and back."""
    return signing.dumps(msgspec.to_builtins(scan), salt=_SALT, compress=True)


def unsealed(text: str) -> Scan | None:
    """None for what Loadline did not seal within the hour."""
    try:
        return msgspec.convert(signing.loads(text, salt=_SALT, max_age=_SECONDS), Scan)
    except (signing.BadSignature, msgspec.ValidationError, ValueError):
        return None
