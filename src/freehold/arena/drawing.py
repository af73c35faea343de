"""Which two models answer: drawn of those that this person may ask this."""

import secrets
from collections.abc import Sequence

from freehold.access.subject import Subject
from freehold.arena.asking import request_of
from freehold.errors import FreeholdError, InvalidRequest, TooFewModels
from freehold.gateway.call import Canonical, Gateway
from freehold.gateway.privacy.border import refused
from freehold.gateway.routing.policy import Thread
from freehold.gateway.routing.router import everything

_chance = secrets.SystemRandom()


async def drawn(
    gateway: Gateway, subject: Subject, prompt: str, models: Sequence[str] | None, *, in_house: bool
) -> tuple[str, str]:
    """Two of `models`, or of all models but demonstrations; each pair is as likely, and so is each order of it.

    Raises ModelNotFound with near matches; InvalidRequest for `auto`; the refusal of a model when no two are left
    that may be asked this, or TooFewModels.
    """
    if models is None:
        listed = (await gateway.models_for(subject)).items
        models = [
            one.ref
            for one in listed
            if one.kind == "chat" and one.enabled and one.installed and not one.targets and not one.demonstration
        ]
    else:
        models = list(dict.fromkeys(models))
        for ref in models:
            if gateway.policy.is_auto(ref):
                raise InvalidRequest("`auto` chooses between models and is none itself.", next_step="Name models.")
            await gateway.describe(ref)
    able: list[str] = []
    why: FreeholdError | None = None
    # the first two of a random order are as likely as any two; looking through the words for each model takes time
    for ref in _chance.sample(models, len(models)):
        try:
            _may_be_asked(gateway, subject, prompt, ref, in_house=in_house)
        except FreeholdError as error:
            why = error
        else:
            able.append(ref)
        if len(able) == 2:
            return able[0], able[1]
    if why is not None and len(models) >= 2:
        raise why
    raise TooFewModels("An arena needs two models that may answer.")


def _may_be_asked(gateway: Gateway, subject: Subject, prompt: str, ref: str, *, in_house: bool) -> None:
    """Raises what the gateway would refuse it with; what has to be asked about stays in the house here."""
    thread = Thread(locked=in_house, asked=prompt)
    asked = Canonical(request_of(prompt), thread)
    allowed = subject.grant.allows_model if subject.grant is not None else everything
    plan = gateway.policy.plan(subject, ref, asked, allowed, thread)
    passed, _ = gateway.border.judged(plan.deployments, asked.texts())
    if passed.action == "in_house" and plan.keep_in_house("data_stays"):
        return
    if (refusal := refused(passed)) is not None:
        raise refusal
