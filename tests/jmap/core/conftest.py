from tests.support.cheap_hashes import cheap_hashes

__all__ = ["cheap_hashes"]
