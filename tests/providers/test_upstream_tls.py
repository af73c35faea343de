"""The upstream client over TLS: the certificate must fit the name, and a cut is seen."""

import asyncio
import datetime
import ipaddress
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from freehold import errors
from freehold.providers.upstream import Endpoint, Upstream
from tests.providers.raw_server import STREAM, RawServer, Visit, raw_server, whole


@pytest.fixture
async def upstream() -> AsyncIterator[Upstream]:
    client = Upstream()
    yield client
    await client.aclose()


def https(server: RawServer) -> Endpoint:
    return Endpoint("p", "Provider P", f"https://127.0.0.1:{server.port}/v1")


async def ask(upstream: Upstream, to: Endpoint) -> bytes:
    async with upstream.send(to, "POST", "chat/completions", b"{}", ()) as reply:
        return await reply.read()


def certificate(folder: Path, *names: str) -> tuple[ssl.SSLContext, Path]:
    """A server's TLS and the authority that signed it (itself), valid for these names and addresses."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Freehold test")])
    now = datetime.datetime.now(datetime.UTC)
    alternatives = [
        x509.IPAddress(ipaddress.ip_address(name)) if name[0].isdigit() else x509.DNSName(name) for name in names
    ]
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate.pem"
    public = made.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(public + private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context, file


async def fine(visit: Visit) -> None:
    await visit.say(whole(b'{"ok":true}'))


async def test_tls_with_a_known_authority_and_the_right_name_works(
    upstream: Upstream, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls, file = certificate(tmp_path, "127.0.0.1")
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    async with raw_server(fine, tls=tls) as server:
        for _ in range(3):
            assert await ask(upstream, https(server)) == b'{"ok":true}'
        assert server.connections == 1


@pytest.mark.parametrize("known", [False, True], ids=["self-signed", "wrong name"])
async def test_a_certificate_that_does_not_fit_is_refused(
    upstream: Upstream, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, known: bool
) -> None:
    tls, file = certificate(tmp_path, "models.example" if known else "127.0.0.1")
    if known:
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
    async with raw_server(fine, tls=tls) as server:
        with pytest.raises(errors.ProviderUnreachable, match="certificate") as caught:
            await ask(upstream, https(server))
        assert caught.value.params["reason"] == "certificate"
        assert server.visits == []


async def test_a_server_that_hangs_up_during_the_handshake_is_said_to_be_unreachable(upstream: Upstream) -> None:
    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    running = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    port = running.sockets[0].getsockname()[1]
    with pytest.raises(errors.ProviderUnreachable, match=str(port)):
        await ask(upstream, Endpoint("p", "P", f"https://127.0.0.1:{port}"))
    running.close()


@pytest.mark.parametrize("tls_part", [False, True], ids=["before it", "in the middle"])
async def test_a_stream_over_tls_that_is_cut_is_an_error(
    upstream: Upstream, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tls_part: bool
) -> None:
    async def answer(visit: Visit) -> None:
        await visit.say(STREAM + b"5\r\nhello\r\n" if tls_part else b"")
        visit.writer.transport.abort()

    tls, file = certificate(tmp_path, "127.0.0.1")
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    async with raw_server(answer, tls=tls) as server:
        with pytest.raises((errors.ProviderProtocolError, errors.ProviderUnreachable), match=str(server.port)):
            await ask(upstream, https(server))
