"""Images made on the spot from the machine's static busybox, since tests may not reach a registry."""

from __future__ import annotations

import functools
import io
import shutil
import subprocess
import tarfile
from collections.abc import Mapping
from pathlib import Path

BUSYBOX = "busybox:local"
PATH_CHANGE = "ENV PATH=/bin"  # without it the engine finds no program by its bare name


def archive(files: Mapping[str, str | bytes] | None = None) -> bytes:
    """A root file system as tar: busybox with a link for each applet, and `files` (path to content)."""
    buffer = io.BytesIO(_busybox_archive())
    with tarfile.open(fileobj=buffer, mode="a") as tar:
        for path, content in (files or {}).items():
            data = content.encode() if isinstance(content, str) else content
            _add(tar, path.lstrip("/"), data, mode=0o755)
    return buffer.getvalue()


@functools.cache
def _busybox_archive() -> bytes:
    program = shutil.which("busybox")
    if program is None:
        raise FileNotFoundError("busybox is not on PATH (Debian: busybox-static)")
    applets = subprocess.run([program, "--list"], capture_output=True, text=True, check=True).stdout.split()
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        _add(tar, "bin/busybox", Path(program).read_bytes(), mode=0o755)
        for applet in applets:
            if applet != "busybox":
                link = tarfile.TarInfo(f"bin/{applet}")
                link.type = tarfile.SYMTYPE
                link.linkname = "busybox"
                tar.addfile(link)
        for folder in ("tmp", "etc", "var", "data"):
            entry = tarfile.TarInfo(folder)
            entry.type = tarfile.DIRTYPE
            entry.mode = 0o1777 if folder == "tmp" else 0o755
            tar.addfile(entry)
        _add(tar, "etc/passwd", b"root:x:0:0:root:/:/bin/sh\napp:x:10001:10001:app:/:/bin/sh\n", mode=0o644)
    return buffer.getvalue()


def _add(tar: tarfile.TarFile, name: str, data: bytes, *, mode: int) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(data)
    entry.mode = mode
    tar.addfile(entry, io.BytesIO(data))
