"""The security headers of every answer (SECURITY.md 18, 19)."""

APP_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; "
    "img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self'; connect-src 'self'; worker-src 'self'; "
    "manifest-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; "
    "frame-ancestors 'none'"
)
"""The app's content security policy; `frame-src` is what stops a frame from navigating itself away."""

HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(self), geolocation=()",
    "content-security-policy": APP_POLICY,
}
"""On every answer that does not set them itself."""

API_HEADERS = {**HEADERS, "content-security-policy": "default-src 'none'; frame-ancestors 'none'"}
"""On every answer of the gateway's interfaces, none of which is a page."""

API_FIRST = [
    *((name.encode(), value.encode()) for name, value in API_HEADERS.items()),
    (b"cache-control", b"no-store"),
]
"""What every answer of those interfaces begins with; the server writes them as a whole when they come first."""

HSTS = "max-age=31536000"
