"""How many inputs the fuzz tests try."""

import os


def fuzz_inputs(usual: int) -> int:
    """Return the count of the nightly target, FOLKMOOT_FUZZ_INPUTS, or else the usual one."""
    return int(os.environ.get("FOLKMOOT_FUZZ_INPUTS", usual))
