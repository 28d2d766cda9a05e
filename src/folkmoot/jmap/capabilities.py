"""All capabilities that are offered; a room of types adds its own here."""

from collections.abc import Sequence
from typing import Final

from folkmoot.jmap.core.capability import CORE
from folkmoot.jmap.protocol.calling import Capability
from folkmoot.jmap.protocol.dispatch import Registry

CAPABILITIES: Final[Sequence[Capability]] = (CORE,)
REGISTRY: Final = Registry(CAPABILITIES)
