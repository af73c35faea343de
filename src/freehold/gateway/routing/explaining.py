"""Rules, tests and samples in the form in which administrators see them."""

from collections.abc import Callable, Sequence
from datetime import datetime

from freehold.gateway.privacy.border import Border, refused
from freehold.gateway.routing import schemas
from freehold.gateway.routing.deployment import Skipped
from freehold.gateway.routing.linting import Finding
from freehold.gateway.routing.pipeline.decision import Decision
from freehold.gateway.routing.policy import Policy
from freehold.gateway.routing.rulebook import Verdict
from freehold.gateway.routing.samples import Sample
from freehold.gateway.routing.shown import PassedOver, Route
from freehold.settings.routing import RouteTest, Rule

_STAGES = ("candidates", "locality", "rules", "capability")


def rules_shown(
    policy: Policy, verdict: Verdict, tests: Sequence[RouteTest], saved_at: datetime | None
) -> schemas.Rules:
    """All rules with what is to be said of them; `tests` are those of the app."""
    declared = policy.declared
    wrong = [list(outcome.wrong) for outcome in verdict.tests] or [[] for _ in (*declared.tests, *tests)]
    return schemas.Rules(
        rules=[
            *(schemas.RuleShown(origin="file", detail=rule.place, rule=bare(rule)) for rule in declared.rules),
            *(schemas.RuleShown(origin="app", detail=None, rule=rule) for rule in policy.own),
        ],
        tests=[
            schemas.TestShown(
                origin="file" if at < len(declared.tests) else "app",
                detail=test.place,
                test=test.model_copy(update={"place": None}),
                wrong=said,
            )
            for at, (test, said) in enumerate(zip((*declared.tests, *tests), wrong, strict=True))
        ],
        findings=[_finding(finding) for finding in verdict.findings],
        auto=_auto(policy),
        saved_at=saved_at,
    )


def bare(rule: Rule) -> Rule:
    """Without the line where it stands."""
    return rule.model_copy(update={"place": None})


def _finding(finding: Finding) -> schemas.FindingShown:
    return schemas.FindingShown(
        code=finding.code,
        error=finding.is_error,
        place=finding.place,
        message=finding.message,
        rule=finding.rule,
        about=finding.about,
    )


def _auto(policy: Policy) -> schemas.AutoShown:
    auto, terms = policy.declared.auto, policy.terms
    cascade = auto.cascade if auto is not None else None
    return schemas.AutoShown(
        offered=policy.offers_auto,
        objective=terms.objective,
        quality_floor=terms.floor,
        share_premium=auto.share_premium if auto is not None else None,
        cascade=None
        if cascade is None
        else schemas.CascadeShown(
            mode=cascade.mode, checks=list(cascade.checks), agree=cascade.agree, second=list(cascade.second)
        ),
        candidates=[
            schemas.CandidateShown(
                name=unit.name,
                tier=unit.tier,
                self_hosted=unit.self_hosted,
                refs=[item.ref for item in unit.deployments],
            )
            for unit in policy.snapshot.offered
        ],
    )


def explained(
    sample: Sample,
    border: Border,
    inside: Callable[[], Sample] | None = None,
    words: Callable[[Decision], Sequence[tuple[str, float]]] = lambda _: (),
) -> schemas.Explanation:
    """What became of a sample, stage by stage. `inside`: what comes of it where `auto` may choose in the house alone;
    `words` of it that moved the belief in the house.
    """
    passed, _ = border.judged(sample.decision.order, [sample.given.text])
    error = sample.error
    if passed.action != "ask" and (refusal := refused(passed)) is not None:
        error = refusal
        if passed.action == "in_house":
            if inside is not None and not any(item.config.self_hosted for item in sample.decision.order):
                sample = inside()
            if any(item.config.self_hosted for item in sample.decision.order):
                error = None
    decision = sample.decision
    order = [item for item in decision.order if item.config.self_hosted or passed.action != "in_house"]
    order = order if error is None else []
    out = [_passed(item) for item in decision.removed]
    left = len(decision.order) + len(out)
    stages = []
    for stage in _STAGES:
        removed = [item for item in out if item.stage == stage]
        left -= len(removed)
        stages.append(schemas.StagePassed(stage=stage, left=left, removed=removed))
    return schemas.Explanation(
        model=order[0].ref if order else None,
        error=error.message if error is not None else None,
        passed=passed,
        rules=[schemas.RuleHeld(id=rule, holds=holds) for rule, holds in sample.holds],
        stages=stages,
        route=Route.model_validate(decision.as_dict()),
        words=[schemas.WordShown(word=word, effect=round(effect, 3)) for word, effect in words(decision)],
    )


def _passed(item: Skipped) -> PassedOver:
    return PassedOver.model_validate(item.as_dict())
