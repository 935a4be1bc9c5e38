"""A shelf: a few things that a process keeps because making them again takes longer."""

from collections import OrderedDict
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Shelf(Generic[T]):
    """The last few things asked for; what was not asked for the longest goes first."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.things: OrderedDict[Any, T] = OrderedDict()

    def get(self, key: Any) -> T | None:
        """Take a thing down, if it is there."""
        found = self.things.get(key)
        if found is not None:
            try:
                self.things.move_to_end(key)
            except KeyError:  # another thread pushed it off meanwhile
                return found
        return found

    def put(self, key: Any, thing: T) -> T:
        """Put a thing up."""
        self.things[key] = thing
        while len(self.things) > self.most:
            try:
                self.things.popitem(last=False)
            except KeyError:
                break
        return thing
