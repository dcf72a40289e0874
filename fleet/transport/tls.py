"""Mutual TLS from PEM texts, without a key ever lying on a disk."""

from __future__ import annotations

import contextlib
import functools
import os
import ssl
import tempfile
from collections.abc import Iterator
from pathlib import Path

from fleet.transport.endpoint import TlsMaterial
from fleet.transport.errors import BadEndpoint
from fleet.transport.sockets import MeteredSocket, MeteredTlsSocket, explain


class _KeyIsLockedError(Exception):
    """OpenSSL asked for a pass phrase."""


def context_for(material: TlsMaterial | None, *, verify: bool = True) -> ssl.SSLContext:
    """A context that verifies the engine by the given authority, or the system's, and shows our certificate.

    Without `verify` it is fit for looking at a certificate and for nothing else.
    """
    if verify and (material is None or material == TlsMaterial()):
        return _system_context()
    context = _new_context()
    material = material or TlsMaterial()
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    try:
        if material.ca:
            context.load_verify_locations(cadata=material.ca)
        elif verify:
            context.load_default_certs(ssl.Purpose.SERVER_AUTH)
    except (ssl.SSLError, ValueError, TypeError):
        raise BadEndpoint(
            "The authority's certificate (ca.pem) cannot be read; it must be PEM text: -----BEGIN CERTIFICATE-----."
        ) from None
    if material.certificate and material.key:
        _show(context, material.certificate, material.key)
    return context


def secure(sock: MeteredSocket, *, name: str, context: ssl.SSLContext) -> MeteredTlsSocket:
    """Shake hands on an open connection with the engine of that name; closes it when that fails."""
    allowance = sock.allowance
    try:
        wrapped = context.wrap_socket(sock, server_hostname=name, do_handshake_on_connect=False)
    except OSError as error:
        sock.close()
        raise explain(error, allowance) from error
    assert isinstance(wrapped, MeteredTlsSocket)  # noqa: S101 (the class that every context here is given)
    wrapped.allowance = allowance
    try:
        wrapped.settimeout(allowance.left)
        wrapped.do_handshake()
    except OSError as error:
        wrapped.close()
        raise explain(error, allowance) from error
    except BaseException:
        wrapped.close()
        raise
    return wrapped


@functools.cache
def _system_context() -> ssl.SSLContext:
    # Reading the system's authorities takes tens of milliseconds; they are the same for every host.
    context = _new_context()
    context.load_default_certs(ssl.Purpose.SERVER_AUTH)
    return context


def _new_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.sslsocket_class = MeteredTlsSocket
    return context


def _show(context: ssl.SSLContext, certificate: str, key: str) -> None:
    def refuse() -> str:
        # Without a callback OpenSSL would ask on the terminal and wait.
        raise _KeyIsLockedError

    try:
        with _only_for_openssl(f"{certificate.strip()}\n{key.strip()}\n") as path:
            context.load_cert_chain(path, password=refuse)
    except _KeyIsLockedError:
        raise BadEndpoint("The client key is locked with a pass phrase; give it without: openssl pkey -in …") from None
    except (OSError, ValueError):
        # No detail from OpenSSL: it may quote what it could not read.
        raise BadEndpoint(
            "The client certificate and key cannot be read or do not belong together; give cert.pem and key.pem "
            "as PEM texts, issued as a pair."
        ) from None


@contextlib.contextmanager
def _only_for_openssl(text: str) -> Iterator[str]:
    """OpenSSL reads keys from files only: one in memory where Linux offers it, else one that is gone at once."""
    if hasattr(os, "memfd_create"):
        number = os.memfd_create("loadline", os.MFD_CLOEXEC)
        path, remove = f"/proc/self/fd/{number}", False
    else:
        number, path = tempfile.mkstemp(prefix="loadline-")  # mkstemp makes it 0600
        remove = True
    try:
        with os.fdopen(number, "wb") as file:
            file.write(text.encode())
            file.flush()
            yield path
    finally:
        if remove:
            Path(path).unlink(missing_ok=True)
