"""What a reviewer is told about each kind of access: one query over the inventory as it stood when it was frozen.

`now_<table>` are the rows of a table that were valid at that moment: of the scope that is frozen where the table is of
its source, of every scope where it is of another. Each query answers scope, member, label, person and last_used (NULL
where it is not known, 1970-01-01 for never), and those that apply of

- privileges: a list of texts
- policies: a list of structs of name and document, which are put into words
- trust: the document that says who may assume a role
- escalations: a list of texts about what can grow out of it
- holders: everybody who has or owns it, a list of names that people are known by
- manager: the e-mail address of the person's manager
"""

from observant.analysis.access import ACCESS, Access
from observant.reviews.kinds import aws, azure, entra, organization

QUERIES: dict[str, str] = {**aws.QUERIES, **organization.QUERIES, **entra.QUERIES, **azure.QUERIES}
"""Kind of access -> its query."""


def reviewed(source: str) -> list[Access]:
    """The kinds of access of scopes of this source."""
    return [one for one in ACCESS.values() if one.source == source]
