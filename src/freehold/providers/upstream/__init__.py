"""The one HTTP client towards models: streams, JSON calls, timeouts, and failures as `freehold.errors` classes.

HTTP/1.1 on httptools, because a request costs a quarter of what a general client takes; docs/design.md has what was
measured. No redirects, cookies, proxies or decompression: none of them is asked for here.
"""

from freehold.providers.upstream.client import Opening, Prepared, Upstream, encode, encoded
from freehold.providers.upstream.endpoint import BETWEEN_CHUNKS_S, FIRST_BYTE_S, Endpoint
from freehold.providers.upstream.failures import CONNECT_S
from freehold.providers.upstream.form import Field, FilePart, Form, Upload
from freehold.providers.upstream.reply import MAX_BODY_BYTES, JsonReply, Reply, parse_json

__all__ = [
    "BETWEEN_CHUNKS_S",
    "CONNECT_S",
    "FIRST_BYTE_S",
    "MAX_BODY_BYTES",
    "Endpoint",
    "Field",
    "FilePart",
    "Form",
    "JsonReply",
    "Opening",
    "Prepared",
    "Reply",
    "Upload",
    "Upstream",
    "encode",
    "encoded",
    "parse_json",
]
