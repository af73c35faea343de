"""What every request meets: sizes, hosts, headers and ids, over a real socket and a real server."""

import json
import socket

import pytest

from tests.services.freehold_server import FreeholdServer

Reply = tuple[int, dict[str, str], bytes]


def send(server: FreeholdServer, request: bytes) -> Reply:
    """One raw request; the server closes the connection."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as client:
        client.sendall(request)
        received = b""
        while chunk := client.recv(65536):
            received += chunk
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return int(first.split()[1]), headers, body


def get(server: FreeholdServer, path: str = "/healthz", *headers: str, method: str = "GET") -> Reply:
    lines = [f"{method} {path} HTTP/1.1", *headers]
    if not any(header.lower().startswith("connection:") for header in headers):
        lines.append("Connection: close")
    if not any(header.lower().startswith("host:") for header in headers):
        lines.append(f"Host: 127.0.0.1:{server.port}")
    return send(server, ("\r\n".join(lines) + "\r\n\r\n").encode())


@pytest.mark.parametrize(
    ("path", "status"),
    [("/healthz", 200), ("/api/nothing", 404), ("/", 200), ("/api/me", 200), ("/assets/none.js", 404)],
)
def test_security_headers_are_on_every_answer(server: FreeholdServer, path: str, status: int) -> None:
    found, headers, _ = get(server, path, "Accept: text/html")
    assert found in (status, 503), "503 only where the web app is not built"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["permissions-policy"] == "camera=(), microphone=(self), geolocation=()"
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "strict-transport-security" not in headers, "only over https"
    assert "server" not in headers


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:3210", "app.localhost", "[::1]:80", "192.168.1.5:3210"])
def test_own_names_and_addresses_are_answered(server: FreeholdServer, host: str) -> None:
    assert get(server, "/healthz", f"Host: {host}")[0] == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:3210", "127.0.0.1.evil.example", "localhost.evil.example"]
)
def test_other_names_are_refused(server: FreeholdServer, host: str) -> None:
    status, _, body = get(server, "/healthz", f"Host: {host}")
    assert status == 400
    assert json.loads(body)["code"] == "unknown_host"
    assert "FREEHOLD_ALLOWED_HOSTS" in json.loads(body)["next_step"]


def test_a_socket_under_another_name_is_refused(server: FreeholdServer) -> None:
    status, _, _ = get(
        server,
        "/api/live",
        "Host: evil.example",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13",
    )
    assert status == 403


def test_a_long_address_is_refused(server: FreeholdServer) -> None:
    status, _, body = get(server, "/healthz?q=" + "a" * 8300)
    assert (status, json.loads(body)["code"]) == (414, "url_too_long")


def test_large_headers_are_refused_and_endless_ones_cut_off(server: FreeholdServer) -> None:
    status, _, body = get(server, "/healthz", "X-Pad: " + "a" * 17_000)
    assert (status, json.loads(body)["code"]) == (431, "headers_too_large")
    assert get(server, "/healthz", "X-Pad: " + "a" * 60_000)[0] == 400


def announced(server: FreeholdServer, length: int) -> Reply:
    head = (
        f"POST /api/session HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {length}"
    )
    return send(server, f"{head}\r\nConnection: close\r\n\r\n".encode())


def test_a_large_body_is_refused_before_it_is_sent(server: FreeholdServer) -> None:
    status, _, body = announced(server, 1_000_001)
    assert (status, json.loads(body)["code"]) == (413, "payload_too_large")
    assert "1 MB" in json.loads(body)["message"]


def test_a_large_body_without_a_length_is_refused_as_it_arrives(server: FreeholdServer) -> None:
    head = (
        "POST /api/session HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        "Sec-Fetch-Site: same-origin\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    )
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    status, _, body = send(server, head.encode() + chunk * 16)  # the sixteenth is one too many
    assert (status, json.loads(body)["code"]) == (413, "payload_too_large")


def test_the_request_id_comes_back_and_is_in_the_error_and_the_log(server: FreeholdServer) -> None:
    status, headers, body = get(server, "/api/nothing", "X-Request-Id: trace-0123456789")
    assert (status, headers["x-request-id"]) == (404, "trace-0123456789")
    assert json.loads(body)["request_id"] == "trace-0123456789"
    logged = [json.loads(line) for line in server.log.read_text().splitlines() if "trace-0123456789" in line]
    assert [line["event"] for line in logged] == ["GET /api/nothing 404"]


def test_a_request_id_that_could_forge_a_line_is_replaced(server: FreeholdServer) -> None:
    _, headers, _ = get(server, "/healthz", "X-Request-Id: a b{}<script>")
    assert set(headers["x-request-id"]) <= set("0123456789abcdef-")


def test_the_access_log_has_no_query(server: FreeholdServer) -> None:
    get(server, "/api/nothing?token=verysecrettoken")
    assert "verysecrettoken" not in server.log.read_text()


def test_a_wrong_method_is_named(server: FreeholdServer) -> None:
    status, headers, body = get(server, "/api/bootstrap", method="DELETE")
    assert status == 405
    assert headers["allow"] == "GET"
    assert json.loads(body)["code"] == "invalid_request"
    assert get(server, "/", method="DELETE")[0] == 405
