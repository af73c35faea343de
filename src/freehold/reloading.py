"""What a new configuration changes in a running server: declared providers and keys, the log, the known secrets."""

from collections.abc import Callable

from freehold.assembly import remember_secrets
from freehold.deps import Services
from freehold.errors import ConfigurationError
from freehold.observability import logs
from freehold.settings import Loaded, Settings
from freehold.settings.reload import Reloader


def reloader_for(loaded: Loaded, load: Callable[[], Loaded], services: Services) -> Reloader:
    """A Reloader that puts what `load` returns to work in `services`."""

    async def apply(fresh: Settings) -> None:
        remember_secrets(fresh)
        before = services.providers.settings
        services.providers.settings = fresh
        try:
            await services.providers.reload()
            services.rulebook.reconsider()
        except ConfigurationError:
            services.providers.settings = before
            await services.providers.reload()
            raise
        await services.keys.reconfigure(fresh.declared.keys)
        await services.usage.declare(fresh)
        await services.trials.refresh()
        await services.following.follow()
        services.settings = fresh
        logs.configure(fresh.log.level, fresh.log.format)

    return Reloader(loaded, load, apply)
