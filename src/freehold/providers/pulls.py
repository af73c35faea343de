"""Model downloads under way: progress told to administrators, cancel, resume by pulling again."""

import asyncio
import contextlib
from dataclasses import dataclass, field

import structlog

from freehold.errors import Conflict, FreeholdError, NotFound, ProviderUnreachable, StorageError
from freehold.kit import clock
from freehold.kit.ids import new_id
from freehold.providers.base import Progress
from freehold.providers.directory import Directory
from freehold.providers.schemas import Pull

ADMINS = "admins"
"""The bus topic that the live connections of administrators listen to."""

BETWEEN_REPORTS_S = 0.25
KEPT_S = 600.0
"""How long a finished download stays in the list."""

_SPEED_WINDOW_S = 5.0
_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Download:
    pull: Pull
    task: asyncio.Task[None] | None = None
    ended_at: float | None = None
    reported_at: float = 0.0
    samples: list[tuple[float, int]] = field(default_factory=list)  # (monotonic seconds, bytes), the last few seconds

    def advance(self, progress: Progress, now: float) -> None:
        """Take over what the provider says; the speed is the mean of the last five seconds."""
        pull = self.pull
        if progress.completed < pull.completed:
            self.samples.clear()  # another layer or file began
        pull.status, pull.completed, pull.total = progress.status, progress.completed, progress.total
        self.samples = [sample for sample in self.samples if now - sample[0] <= _SPEED_WINDOW_S]
        self.samples.append((now, progress.completed))
        seconds = now - self.samples[0][0]
        pull.speed = round((progress.completed - self.samples[0][1]) / seconds, 1) if seconds >= 0.2 else None


class Pulls:
    """The downloads of this process. They do not survive it; the parts already on the disk do."""

    def __init__(self, providers: Directory) -> None:
        self._providers = providers
        self._downloads: dict[str, _Download] = {}

    def list(self) -> list[Pull]:
        """Those under way and those that ended in the last ten minutes, the newest first."""
        now = clock.monotonic()
        for pull_id, download in list(self._downloads.items()):
            if download.ended_at is not None and now - download.ended_at > KEPT_S:
                del self._downloads[pull_id]
        return [download.pull.model_copy() for download in reversed(self._downloads.values())]

    def running(self, provider_id: str) -> Pull | None:
        """A download of this provider that is under way."""
        pulls = (item.pull for item in self._downloads.values())
        return next((pull for pull in pulls if pull.provider_id == provider_id and pull.state == "running"), None)

    def start(self, provider_id: str, model: str) -> Pull:
        """Begin a download, or join the one of the same model. Raises NotFound, Conflict."""
        config = self._providers.configured(provider_id).config
        if not self._providers.manages_models(config):
            raise Conflict(
                f"{config.name} does not keep models that can be downloaded.", next_step="Use its own tools."
            )
        for known in self._downloads.values():
            same = (known.pull.provider_id, known.pull.model) == (provider_id, model)
            if same and known.pull.state == "running":
                return known.pull.model_copy()
        pull = Pull(
            id=new_id(),
            provider_id=provider_id,
            model=model,
            state="running",
            status="starting",
            completed=0,
            total=None,
            speed=None,
        )
        download = self._downloads[pull.id] = _Download(pull)
        download.task = self._providers.spawn(self._run(download), f"pull {model}")
        self._report(download)
        return pull.model_copy()

    async def cancel(self, pull_id: str) -> None:
        """Stop a download; what arrived is kept for the next try. One that ended leaves the list. Raises NotFound."""
        download = self._downloads.get(pull_id)
        if download is None:
            raise NotFound("There is no download with that id.")
        if download.task is None or download.pull.state != "running":
            del self._downloads[pull_id]
            return
        download.task.cancel()
        await asyncio.wait([download.task])
        if download.pull.state == "running":  # it was cancelled before it began
            self._end(download, "cancelled")

    async def _run(self, download: _Download) -> None:
        pull = download.pull
        try:
            await self._fetch(download)
        except asyncio.CancelledError:
            self._end(download, "cancelled")
            raise
        except FreeholdError as error:
            pull.error = error.body().as_dict()
            _log.warning("pull_failed", provider_id=pull.provider_id, model=pull.model, reason=error.message)
            self._end(download, "failed")
        except Exception as error:
            pull.error = StorageError(f"The download of {pull.model} stopped: {type(error).__name__}.").body().as_dict()
            self._end(download, "failed")
            raise
        else:
            self._end(download, "done")

    async def _fetch(self, download: _Download) -> None:
        pull = download.pull
        async with (
            self._providers.lease_provider(pull.provider_id) as provider,
            contextlib.aclosing(provider.pull(pull.model)) as steps,
        ):
            async for progress in steps:
                now = clock.monotonic()
                download.advance(progress, now)
                if now - download.reported_at >= BETWEEN_REPORTS_S:
                    self._report(download)
        pull.status = "listing"
        # it is on the disk; a provider that cannot be listed just now is listed later
        with contextlib.suppress(ProviderUnreachable):
            await self._providers.refresh(pull.provider_id)

    def _end(self, download: _Download, state: str) -> None:
        pull = download.pull
        pull.state = pull.status = state  # type: ignore[assignment]
        pull.speed = None
        if state == "done" and pull.total is not None:
            pull.completed = pull.total
        download.ended_at = clock.monotonic()
        _log.info("pull_ended", provider_id=pull.provider_id, model=pull.model, state=state)
        self._report(download)

    def _report(self, download: _Download) -> None:
        download.reported_at = clock.monotonic()
        pull = download.pull.model_dump(mode="json")
        self._providers.bus.publish(ADMINS, {"type": "pull", "id": download.pull.id, "pull": pull})
