"""Calendar object resources, address object resources and files: what one can do to them, in one place."""

from folkmoot.store.bulk import copy, move, put_many, trim_history
from folkmoot.store.reading import (
    changes,
    count,
    find_by_search,
    find_uid,
    get,
    get_many,
    in_range,
    list_,
    look,
    read,
)
from folkmoot.store.writing import ANY, delete, put, set_dead_properties

__all__ = [
    "ANY",
    "changes",
    "copy",
    "count",
    "delete",
    "find_by_search",
    "find_uid",
    "get",
    "get_many",
    "in_range",
    "list_",
    "look",
    "move",
    "put",
    "put_many",
    "read",
    "set_dead_properties",
    "trim_history",
]
