"""Which arm of a trial a person is in: by a hash of both, so that it is the same everywhere and for ever; pure."""

import hashlib
from typing import Literal

Arm = Literal["trial", "control"]

MOST = 100_000
"""People who are remembered; of more than that all are found out anew."""


def arm_of(trial_id: str, user_id: str, share: float) -> Arm:
    """The arm of a person in a trial of so large a share; who is in a smaller one is in every larger one, too."""
    digest = hashlib.sha256(f"{trial_id}\0{user_id}".encode(errors="surrogatepass")).digest()
    return "trial" if int.from_bytes(digest[:8]) < share * 2**64 else "control"


class Arms(dict[str, Arm]):
    """The arms of one trial by account id, each found out when it is first asked for."""

    def __init__(self, trial_id: str, share: float) -> None:
        super().__init__()
        self.trial_id, self.share = trial_id, share

    def __missing__(self, user_id: str) -> Arm:
        if len(self) >= MOST:
            self.clear()
        arm = self[user_id] = arm_of(self.trial_id, user_id, self.share)
        return arm
