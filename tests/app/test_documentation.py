"""The API's description says how a program may call it."""

from freehold.documentation import DESCRIPTION, describe_access, page


def test_the_description_says_what_a_program_must_send() -> None:
    info = {"title": "Freehold", "version": "1", "description": DESCRIPTION}
    described = describe_access({"info": info, "paths": {}})
    schemes = described["components"]["securitySchemes"]
    assert {(scheme["in"], scheme["name"]) for scheme in schemes.values()} == {
        ("cookie", "freehold_session"), ("cookie", "__Host-session"), ("header", "Origin"),
    }  # fmt: skip
    assert {name for choice in described["security"] for name in choice} == set(schemes)
    assert "curl http://127.0.0.1:3210/api/threads" in page(described)
