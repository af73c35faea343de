"""The header reader: real headers, any names, and files made to hurt it."""

import struct
import time
from contextlib import suppress
from pathlib import Path

import gguf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from freehold.providers.embedded.gguf import NotGguf, read_header
from tests.providers.embedded.tiny_model import CONTEXT

MAGIC = b"GGUF" + struct.pack("<I", 3)
FILES = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def test_a_real_header(tiny_model: Path) -> None:
    header = read_header(tiny_model)
    assert (header.architecture, header.name, header.context_tokens) == ("llama", "tiny", CONTEXT)
    assert header.quantisation == "F32"
    assert header.has_chat_template


@FILES
@given(name=st.text(min_size=1, max_size=300), context=st.integers(1, 2**31 - 1), label=st.sampled_from(["1B", "135M"]))
def test_what_is_written_is_read(tmp_path: Path, name: str, context: int, label: str) -> None:
    path = tmp_path / "some.gguf"
    writer = gguf.GGUFWriter(str(path), "qwen3")
    writer.add_name(name)
    writer.add_context_length(context)
    writer.add_size_label(label)
    writer.add_file_type(15)
    writer.add_token_list(["a", "bc", "d"] * 50)
    writer.add_token_scores([0.5] * 150)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()
    header = read_header(path)
    assert header.context_tokens == context
    assert header.size_label == label
    assert header.quantisation == "Q4_K_M"
    printable = "".join(character for character in name[:200] if character.isprintable()).strip()
    assert header.name == (printable or None)


@FILES
@given(st.binary(max_size=400))
def test_no_bytes_do_harm(tmp_path: Path, data: bytes) -> None:
    for content in (data, MAGIC + data, MAGIC + struct.pack("<QQ", 0, 2) + data):
        path = write(tmp_path / "any.gguf", content)
        with suppress(NotGguf):
            header = read_header(path)
            assert header.context_tokens is None or 0 <= header.context_tokens < 2**31


@FILES
@given(position=st.integers(4, 3000), value=st.binary(min_size=1, max_size=8))
def test_a_damaged_real_header_is_read_or_refused(
    tmp_path: Path, tiny_model: Path, position: int, value: bytes
) -> None:
    data = bytearray(tiny_model.read_bytes()[:12_000])
    data[position : position + len(value)] = value
    with suppress(NotGguf):
        header = read_header(write(tmp_path / "damaged.gguf", bytes(data)))
        assert header.name is None or len(header.name) <= 200


@pytest.mark.parametrize(
    "body",
    [
        struct.pack("<QQ", 0, 2**63),  # keys
        struct.pack("<QQQ", 0, 1, 2**62),  # length of a key
        struct.pack("<QQQ", 0, 1, 1) + b"k" + struct.pack("<IQ", 8, 2**61),  # length of a text
        struct.pack("<QQQ", 0, 1, 1) + b"k" + struct.pack("<IIQ", 9, 8, 2**60),  # items of a list of texts
        struct.pack("<QQQ", 0, 1, 1) + b"k" + struct.pack("<IIQ", 9, 12, 2**60),  # items of a list of numbers
        struct.pack("<QQQ", 0, 1, 1) + b"k" + struct.pack("<IIQ", 9, 9, 10),  # a list of lists
        struct.pack("<QQQ", 0, 1, 1) + b"k" + struct.pack("<I", 99),  # an unknown type
        struct.pack("<QQQ", 0, 60_000, 1) + b"k" + struct.pack("<IIQ", 9, 12, 3_999_999) * 3,
    ],
)
def test_announced_sizes_are_not_believed(tmp_path: Path, body: bytes) -> None:
    path = write(tmp_path / "huge.gguf", MAGIC + body)
    started = time.monotonic()
    with pytest.raises(NotGguf):
        read_header(path)
    assert time.monotonic() - started < 1.0


def test_a_header_without_end_is_refused(tmp_path: Path) -> None:
    entry = struct.pack("<Q", 1) + b"k" + struct.pack("<IIQ", 9, 0, 4_000_000) + bytes(4_000_000)
    path = write(tmp_path / "endless.gguf", MAGIC + struct.pack("<QQ", 0, 1000) + entry * 20)
    with pytest.raises(NotGguf, match="longer than"):
        read_header(path)


@pytest.mark.parametrize("data", [b"", b"GGUF", b"GGML\3\0\0\0", b"GGUF\1\0\0\0" + bytes(16)])
def test_other_files_are_named_as_such(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(NotGguf):
        read_header(write(tmp_path / "other.gguf", data))
