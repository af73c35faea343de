"""Whether an answer passes; pure."""

import re
import unicodedata
from typing import Any, Literal

from freehold.errors import TestSetRefused
from freehold.gateway.routing.cascade.answers import agree, final_of, without_thought

Rule = Literal["contains", "equals", "regex", "judge", "look"]
"""`equals`: the final answer is the same, whether it says 1,200, 1.2k or 一千二百; `judge`: a model finds it no worse
than what is expected; `look`: nobody judges it but who reads it.
"""
Verdict = Literal["better", "same", "worse"]
"""An answer beside the one that is expected."""

_SOUGHT = {"number": "\nHow many?", "yes_no": "\nYes or no?", "label": "\nChoose one of these."}
"""What an expected answer says of its question, which may not say itself that it asks for a number."""
_BLANKS = re.compile(r"\s+")


def passes(rule: Rule, answer: str, expected: str, question: str) -> bool | None:
    """Whether the answer is as the rule says; None where the rule asks somebody else."""
    match rule:
        case "contains":
            return _plain(expected) in _plain(without_thought(answer))
        case "equals":
            wanted = final_of(expected, question)
            if wanted is not None and agree(final_of(answer, question + _SOUGHT.get(wanted.kind, "")), wanted):
                return True
            return _bare(without_thought(answer)) == _bare(expected)
        case "regex":
            return _compiled(expected).search(without_thought(answer)) is not None
        case "judge" | "look":
            return None


def check_rule(rule: Rule, expected: str, line: int) -> None:
    """Raise TestSetRefused for a rule that could not be applied; `line` is where the question ends."""
    if rule == "look":
        return
    if not expected.strip():
        raise TestSetRefused(
            f"Line {line}: the rule `{rule}` needs what is expected.",
            next_step="Fill it in, or choose the rule `look`.",
            why="no_expected",
            line=line,
            rule=rule,
        )
    if rule == "regex":
        import re2

        try:
            _compiled(expected)
        except re2.error as error:
            raise TestSetRefused(
                f"Line {line}: the pattern cannot be read: {error}.", why="no_pattern", line=line, detail=str(error)
            ) from error


def verdict_of(quality: tuple[float, float]) -> Verdict:
    """Of the quality of the answer and of what is expected, as a judge found it in both orders."""
    answer, expected = quality
    return "better" if answer > expected else "worse" if answer < expected else "same"


def _compiled(pattern: str) -> Any:
    import re2

    options = re2.Options()
    options.log_errors = False
    options.dot_nl = True
    return re2.compile(pattern, options)


def _plain(text: str) -> str:
    return _BLANKS.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()


def _bare(text: str) -> str:
    """Without what decorates a short answer at its ends."""
    return _plain(text).strip(" .。!！,，;；:：*_`\"'“”‘’「」『』()（）[]【】")
