"""freehold route train and rollback, as an operator runs them beside nothing else."""

from pathlib import Path

import anyio.to_thread

from freehold.chat import models as chat_models
from freehold.db import migrate, open_database, parse_target
from freehold.gateway.learning import labels
from freehold.identity.models import User
from freehold.kit.clock import now
from freehold.kit.ids import new_id
from tests.cli.test_model import freehold
from tests.gateway.learning.test_training import prompts
from tests.gateway.routing.scorer.test_scorer import english

TABLES = chat_models  # a label belongs to a thread and a message


async def fill(folder: Path) -> None:
    target = parse_target(None, folder)
    database = await anyio.to_thread.run_sync(open_database, target)
    await migrate.upgrade(database)
    at, user_id = now(), new_id()
    async with database.begin() as session:
        session.add(
            User(id=user_id, name="x", role="member", status="active", preferences={}, created_at=at, updated_at=at)
        )
        await session.flush()
        for text, good in prompts(english, 310, 31):
            await labels.put(session, "pair", user_id=user_id, model="house/m", asked=text, quality=(good, 1.0))
    await database.dispose()


async def test_it_is_trained_and_rolled_back(tmp_path: Path) -> None:
    status, out, _ = await freehold("route", "train", "--data-dir", str(tmp_path))
    assert (status, out) == (0, "There are no labels yet. Set routing.auto.shadow, so that answers are compared.\n")
    await fill(tmp_path)
    status, out, err = await freehold("route", "train", "--data-dir", str(tmp_path))
    assert (status, err) == (0, "")
    assert out.startswith("house/m, en: 310 labels; APGR 0.7")
    assert out.endswith("; it acts from now on.\n")
    status, out, _ = await freehold("route", "rollback", "house/m", "--data-dir", str(tmp_path))
    assert (status, out) == (0, "house/m, en: the prior acts again.\n")
    status, _, err = await freehold("route", "rollback", "house/m", "--language", "zh", "--data-dir", str(tmp_path))
    assert status != 0
    assert "Nothing was learned of this model in this language." in err
