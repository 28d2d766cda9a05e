"""The ways in, put together over one database and a directory in memory."""

from dataclasses import dataclass, field, replace

from folkmoot.auth.sign_in import SignIn
from folkmoot.config.settings import Settings
from folkmoot.core.caller import Caller
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database
from folkmoot.directory.directory import Directory
from folkmoot.directory.verifier import Verifier
from folkmoot.server.sign_in import sign_in_of
from tests.support.clock import SetClock
from tests.support.memory_source import Memory


@dataclass
class Doors:
    """Everything about signing in, without a face; ``anna`` and ``bert`` have just given their passwords."""

    database: Database
    memory: Memory
    clock: SetClock
    settings: Settings = field(default_factory=Settings)

    def __post_init__(self) -> None:
        self.directory = Directory([self.memory], cache_seconds=0)
        self.all: SignIn = sign_in_of(self.settings, self.database, self.directory, Verifier(1), self.clock)
        self.anna = Caller(PrincipalId("anna"), fresh=True)
        self.bert = Caller(PrincipalId("bert"), fresh=True)

    def another_worker(self) -> "Doors":
        """The same installation, with nothing remembered."""
        return Doors(self.database, self.memory, self.clock, self.settings)

    @property
    def stale(self) -> Caller:
        """Anna, a while after."""
        return replace(self.anna, fresh=False)
