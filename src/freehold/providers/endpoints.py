"""HTTP of providers, models, model downloads and the first-run page."""

from typing import Annotated

from fastapi import APIRouter, Query

from freehold.access.dependencies import Admin, Member
from freehold.deps import ServicesDep
from freehold.providers.schemas import (
    CheckResult,
    ModelAdd,
    ModelInfo,
    ModelList,
    ModelPatch,
    ProviderDetail,
    ProviderInfo,
    ProviderNew,
    ProviderPatch,
    ProviderTry,
    Pull,
    PullNew,
    Vendor,
    Welcome,
)

router = APIRouter(prefix="/api")

Force = Annotated[bool, Query(description="Save although the provider refused the key or did not answer.")]


@router.get("/models", tags=["models"])
async def list_models(subject: Member, services: ServicesDep) -> ModelList:
    """Every model that can be asked now, with the default for you."""
    return await services.gateway.models_for(subject)


@router.get("/welcome", tags=["models"])
async def welcome(subject: Member, services: ServicesDep) -> Welcome:
    """What the first-run page offers."""
    return await services.providers.welcome.get()


@router.get("/vendors", tags=["providers"])
async def list_vendors(subject: Admin, services: ServicesDep) -> list[Vendor]:
    """The kinds of provider that can be added."""
    return services.providers.administration.vendors()


@router.get("/providers", tags=["providers"])
async def list_providers(subject: Admin, services: ServicesDep) -> list[ProviderInfo]:
    """Every configured provider, wherever it is configured."""
    providers = services.providers
    return [providers.info(configured.config.id) for configured in providers.configs()]


@router.post("/providers", tags=["providers"], status_code=201)
async def add_provider(
    body: ProviderNew, subject: Admin, services: ServicesDep, force: Force = False
) -> ProviderDetail:
    """Try the credentials and save them when they work."""
    return await services.providers.administration.add(body, force=force)


@router.post("/providers/check", tags=["providers"])
async def try_provider(body: ProviderTry, subject: Admin, services: ServicesDep) -> CheckResult:
    """Try credentials without saving them."""
    return await services.providers.administration.try_out(body)


@router.get("/providers/{provider_id}", tags=["providers"])
async def get_provider(provider_id: str, subject: Admin, services: ServicesDep) -> ProviderDetail:
    """One provider with all its models."""
    await services.providers.relist_stale()
    return services.providers.detail(provider_id)


@router.patch("/providers/{provider_id}", tags=["providers"])
async def change_provider(
    provider_id: str, body: ProviderPatch, subject: Admin, services: ServicesDep, force: Force = False
) -> ProviderDetail:
    """Change the named fields; a new key or address is tried first. An `api_key` of null removes the key."""
    return await services.providers.administration.change(provider_id, body, force=force)


@router.delete("/providers/{provider_id}", tags=["providers"], status_code=204)
async def remove_provider(provider_id: str, subject: Admin, services: ServicesDep) -> None:
    """Forget a provider, its key and its models."""
    await services.providers.administration.remove(provider_id)


@router.post("/providers/{provider_id}/check", tags=["providers"])
async def check_provider(provider_id: str, subject: Admin, services: ServicesDep) -> CheckResult:
    """Try a configured provider now."""
    return await services.providers.administration.check(provider_id)


@router.post("/providers/{provider_id}/models/refresh", tags=["providers"])
async def refresh_models(provider_id: str, subject: Admin, services: ServicesDep) -> ProviderDetail:
    """Ask the provider for its models again."""
    await services.providers.refresh(provider_id)
    return services.providers.detail(provider_id)


@router.post("/providers/{provider_id}/models", tags=["providers"], status_code=201)
async def add_model(provider_id: str, body: ModelAdd, subject: Admin, services: ServicesDep) -> ModelInfo:
    """Offer a model that the provider does not list."""
    return await services.providers.administration.add_model(provider_id, body)


@router.patch("/providers/{provider_id}/models/{model_id:path}", tags=["providers"])
async def change_model(
    provider_id: str, model_id: str, body: ModelPatch, subject: Admin, services: ServicesDep
) -> ModelInfo:
    """Turn a model on or off, enter its prices or take them back, or correct what else is known of it."""
    return await services.providers.administration.change_model(provider_id, model_id, body)


@router.delete("/providers/{provider_id}/models/{model_id:path}", tags=["providers"], status_code=204)
async def remove_model(provider_id: str, model_id: str, subject: Admin, services: ServicesDep) -> None:
    """Forget a model added by hand, or delete it from the provider's disk."""
    await services.providers.administration.remove_model(provider_id, model_id)


@router.get("/pulls", tags=["models"])
async def list_pulls(subject: Admin, services: ServicesDep) -> list[Pull]:
    """Model downloads under way, and those that ended in the last ten minutes."""
    return services.providers.pulls.list()


@router.post("/providers/{provider_id}/pulls", tags=["models"], status_code=202)
async def start_pull(provider_id: str, body: PullNew, subject: Admin, services: ServicesDep) -> Pull:
    """Download a model; a download that was broken off goes on where it was."""
    return services.providers.pulls.start(provider_id, body.model)


@router.delete("/pulls/{pull_id}", tags=["models"], status_code=204)
async def cancel_pull(pull_id: str, subject: Admin, services: ServicesDep) -> None:
    """Stop a download, or take an ended one from the list."""
    await services.providers.pulls.cancel(pull_id)
