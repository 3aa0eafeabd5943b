"""People from the export of any HR system, and the accounts that are declared to be nobody's own."""

from observant.collect.people.mapping import Mapping
from observant.collect.people.reader import read_people

__all__ = ["Mapping", "read_people"]
