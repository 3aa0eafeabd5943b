"""GitHub with one repository."""

import copy
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from observant_clouds.trackers.service import Answer, Query, Service

Json = dict[str, Any]
HOST = "https://api.github.com"
DESCRIPTION: Json = json.loads((Path(__file__).parents[2] / "specs" / "github.json").read_text())
"""What GitHub publishes of the paths served here: schema, query parameters, an example."""
_PATHS = {path: re.compile(re.sub(r"\{\w+\}", r"([^/]+)", path)) for path in DESCRIPTION["paths"]}


def path_of(path: str) -> str | None:
    """The published path that an address is of."""
    return next((name for name, pattern in _PATHS.items() if pattern.fullmatch(path)), None)


def _example(path: str) -> Any:
    found = copy.deepcopy(DESCRIPTION["paths"][path]["example"])
    return found[0] if isinstance(found, list) else found


class GitHub(Service):
    """`page`: the most that one answer holds, whatever is asked for."""

    def __init__(self, repository: str = "acme/infra", token: str = "t0ken", page: int = 2) -> None:
        super().__init__(f"Bearer {token}")
        self.repository, self.page = repository, page
        self.things: dict[int, Json] = {}
        """Number -> issue, as listed."""
        self.pulls: dict[int, Json] = {}
        self.under: dict[str, list[Json]] = {}
        """Path -> what is listed there."""

    # -- what is there

    def issue(self, number: int, by: str, at: str, **more: Any) -> None:
        listed = _example("/repos/{owner}/{repo}/issues")
        for optional in ("pull_request", "closed_by"):
            listed.pop(optional, None)
        person = listed["user"] | {"login": by}
        base = {
            "number": number,
            "user": person,
            "created_at": at,
            "updated_at": at,
            "closed_at": None,
            "labels": [],
            "milestone": None,
        }
        self.things[number] = listed | base | {"assignee": None, "assignees": []} | more

    def event(self, number: int, event: str, by: str, at: str, label: str = "") -> None:
        made = _example("/repos/{owner}/{repo}/issues/{issue_number}/events")
        made |= {"event": event, "actor": made["actor"] | {"login": by}, "created_at": at}
        made["label"] = {"name": label, "color": "red"}
        self.under.setdefault(f"/repos/{self.repository}/issues/{number}/events", []).append(made)

    def pull(
        self, number: int, by: str, at: str, merged_by: str = "", merged_at: str | None = None, **more: Any
    ) -> None:
        found = _example("/repos/{owner}/{repo}/pulls/{pull_number}")
        base = {"number": number, "user": found["user"] | {"login": by}, "created_at": at, "merged_at": merged_at}
        base["requested_teams"] = []  # GitHub's own example lacks a property that its schema requires
        base |= {"merged_by": found["user"] | {"login": merged_by} if merged_by else None, "closed_at": merged_at}
        self.pulls[number] = found | base | more
        self.issue(number, by, at, updated_at=merged_at or at)
        self.things[number]["pull_request"] = dict.fromkeys(("url", "html_url", "diff_url", "patch_url"))

    def review(self, number: int, by: str, at: str, state: str = "APPROVED") -> None:
        made = _example("/repos/{owner}/{repo}/pulls/{pull_number}/reviews")
        made |= {"user": made["user"] | {"login": by}, "submitted_at": at, "state": state}
        self.under.setdefault(f"/repos/{self.repository}/pulls/{number}/reviews", []).append(made)

    def commit(self, number: int, sha: str) -> None:
        made = _example("/repos/{owner}/{repo}/pulls/{pull_number}/commits") | {"sha": sha}
        self.under.setdefault(f"/repos/{self.repository}/pulls/{number}/commits", []).append(made)

    # -- what is answered

    def answer(self, path: str, query: Query) -> Answer | None:
        base = f"/repos/{self.repository}"
        if path == "/search/issues":
            return self._count(query)
        if path == f"{base}/issues":
            since = query.get("since", "")
            listed = sorted(self.things.values(), key=lambda one: str(one["updated_at"]))
            return self._paged(path, query, [one for one in listed if str(one["updated_at"]) >= since])
        match = re.fullmatch(rf"{re.escape(base)}/pulls/(\d+)", path)
        if match and int(match[1]) in self.pulls:
            return Answer(self.pulls[int(match[1])])
        if re.fullmatch(rf"{re.escape(base)}/(issues/\d+/events|pulls/\d+/(reviews|commits))", path):
            return self._paged(path, query, self.under.get(path, []))
        return None

    def _count(self, query: Query) -> Answer:
        wants_pulls = "is:pr" in query["q"].split()
        number = sum(1 for one in self.things.values() if ("pull_request" in one) == wants_pulls)
        return Answer(_example("/search/issues") | {"total_count": number, "items": []})

    def _paged(self, path: str, query: Query, listed: list[Json]) -> Answer:
        size = min(int(query.get("per_page", "30")), self.page)
        number = int(query.get("page", "1"))
        part = listed[(number - 1) * size : number * size]
        if number * size >= len(listed):
            return Answer(part)
        following = f"{HOST}{path}?{urlencode({**query, 'page': str(number + 1)})}"
        return Answer(part, headers={"link": f'<{HOST}{path}?page=1>; rel="first", <{following}>; rel="next"'})
