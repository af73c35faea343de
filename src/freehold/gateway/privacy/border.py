"""What may leave the house: every call that could be answered outside passes here before anybody is asked."""

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

import structlog

from freehold.errors import DataBlocked, DataNeedsConsent, DataStaysInHouse, FreeholdError
from freehold.gateway.privacy.classes import DataClasses
from freehold.gateway.privacy.masking import Mask
from freehold.gateway.privacy.passed import Passed
from freehold.gateway.routing.content import Content
from freehold.gateway.routing.deployment import Deployment
from freehold.gateway.routing.plan import Plan
from freehold.observability import metrics
from freehold.settings.privacy import PrivacySettings

_log = structlog.get_logger(__name__)


class Crossing(Protocol):
    """A request on its way out."""

    @property
    def consent(self) -> frozenset[str]:
        """The classes whose `ask` the person has answered with yes."""
        ...

    def texts(self) -> Iterable[str]:
        """Every text that would be sent."""
        ...

    def hide(self, mask: Mask) -> bool:
        """Send stand-ins to whoever is outside; False where an answer could not be put right again."""
        ...


class Border:
    """One per process; follows the configuration."""

    def __init__(self, declared: Callable[[], PrivacySettings]) -> None:
        self._declared = declared
        self._known: tuple[PrivacySettings, DataClasses] | None = None

    @property
    def classes(self) -> DataClasses:
        """As they are configured now."""
        declared = self._declared()
        if self._known is None or self._known[0] is not declared:
            self._known = declared, DataClasses(declared.classes)
        return self._known[1]

    def detect(self, content: Content) -> frozenset[str]:
        """The classes of what a request says, for rules."""
        classes = self.classes
        return classes.within(content.said) | classes.within(content.instructions) if classes else frozenset()

    def cross(self, user_id: str, plan: Plan, request: Crossing) -> None:
        """Let a request pass as its classes of data allow; `plan.passed` says how.

        Raises DataBlocked, DataNeedsConsent, and DataStaysInHouse when nobody in the house can be asked.
        """
        if not self.classes or all(item.config.self_hosted for item in plan.deployments):
            return
        passed, mask = self.judged(plan.deployments, list(request.texts()), request.consent)
        if passed.action == "none":
            return
        if mask is not None and not request.hide(mask):
            passed = Passed("in_house", passed.classes)
        metrics.DATA_AT_THE_BORDER.labels(passed.action).inc()
        _log.info(
            "data_at_the_border",
            user_id=user_id,
            action=passed.action,
            classes=list(passed.classes),
            hidden=passed.hidden,
        )
        if passed.action == "in_house" and plan.keep_in_house("data_stays"):
            plan.passed = passed
            return
        if (refusal := refused(passed)) is not None:
            raise refusal
        plan.passed = passed

    def judged(
        self, deployments: Sequence[Deployment], texts: Sequence[str], consent: frozenset[str] = frozenset()
    ) -> tuple[Passed, Mask | None]:
        """What is to be done with these texts when these are asked in turn, and what is hidden of them."""
        classes = self.classes
        if not classes or all(item.config.self_hosted for item in deployments):
            return Passed("none", ()), None
        found = frozenset[str]().union(*map(classes.within, texts))
        action, names = classes.action(found, given=consent)
        if action in ("ask", "block") and deployments[0].config.self_hosted:
            action = "in_house"  # the house answers it; only its fallback is outside
        if action == "mask":
            mask = Mask(classes.find, texts)
            # what is recognised but cannot be pointed at, such as a word in letters of another form, stays in
            if all(classes.hides_all(mask.hide(text)) for text in texts):
                return Passed(action, tuple(names), mask.counts), mask
            action = "in_house"
        return Passed(action, tuple(names)), None


def refused(passed: Passed) -> FreeholdError | None:
    """The refusal of what may not go out and is not hidden: as it is, or when nobody in the house can be asked."""
    names = list(passed.classes)
    told = ", ".join(names)
    match passed.action:
        case "block":
            return DataBlocked(f"This holds what must not be sent to a model outside the house: {told}.", classes=names)
        case "ask":
            return DataNeedsConsent(f"This holds {told} and would leave the house.", classes=names)
        case "in_house":
            return DataStaysInHouse(f"This holds {told}, which stays in the house.", classes=names)
        case _:
            return None
