"""Jira Cloud, which pages by token, and Data Center, which pages by number. Both cut long histories in searches."""

import base64
import re
from typing import Any

from observant_clouds.trackers.service import Answer, Query, Service

Json = dict[str, Any]
CUT = 2
"""Changes of an issue that a search answers at most."""


def user(name: str, *, cloud: bool) -> Json:
    """As each answers it: Cloud has accounts without names, and may hide addresses."""
    shown = {"displayName": name.title(), "active": True, "emailAddress": f"{name}@example.com"}
    return {"accountId": f"5b10{name}", **shown} if cloud else {"name": name, "key": f"JIRAUSER-{name}", **shown}


class Jira(Service):
    """`page`: the most that one answer holds."""

    def __init__(self, *, cloud: bool, page: int = 2) -> None:
        basic = base64.b64encode(b"reader@example.com:t0ken").decode()
        super().__init__(f"Basic {basic}" if cloud else "Bearer t0ken")
        self.cloud, self.page = cloud, page
        self.issues: dict[str, Json] = {}
        self.hidden: set[str] = set()
        """Keys that the total counts and nobody answers."""

    def issue(self, key: str, *moves: tuple[str, str, str], created: str, reporter: str = "ada", **fields: Any) -> None:
        """`moves`: (status, by whom, when)."""
        histories = [
            {
                "id": str(number),
                "author": user(by, cloud=self.cloud),
                "created": at,
                "items": [
                    {"field": "priority", "fieldtype": "jira", "toString": "High"},
                    {"field": "status", "fieldtype": "jira", "fromString": "Open", "toString": status},
                ],
            }
            for number, (status, by, at) in enumerate(moves)
        ]
        status = moves[-1][0] if moves else "Open"
        base = {
            "summary": key,
            "issuetype": {"name": "Change", "subtask": False},
            "status": {"name": status, "statusCategory": {"key": "done"}},
            "labels": [],
            "reporter": user(reporter, cloud=self.cloud),
            "assignee": None,
            "created": created,
            "resolutiondate": None,
            "issuelinks": [],
        }
        self.issues[key] = {"id": key, "key": key, "fields": base | fields, "histories": histories}

    def answer(self, path: str, query: Query) -> Answer | None:
        if path == "/rest/api/3/search/jql" and self.cloud:
            start = int(query.get("nextPageToken", "page-0").removeprefix("page-"))
            part, more = self._part(start, query)
            return Answer({"issues": part, "isLast": not more, **({"nextPageToken": f"page-{more}"} if more else {})})
        if path == "/rest/api/2/search" and not self.cloud:
            start = int(query.get("startAt", "0"))
            part, _ = self._part(start, query)
            total = len(self.issues)
            return Answer({"startAt": start, "maxResults": self.page, "total": total, "issues": part})
        if match := re.fullmatch(r"/rest/api/3/issue/([^/]+)/changelog", path):
            histories, start = self.issues[match[1]]["histories"], int(query["startAt"])
            part, total = histories[start : start + self.page], len(histories)
            return Answer({"startAt": start, "total": total, "isLast": start + self.page >= total, "values": part})
        if match := re.fullmatch(r"/rest/api/2/issue/([^/]+)", path):
            return Answer(self._shown(self.issues[match[1]], None))
        return None

    def _part(self, start: int, query: Query) -> tuple[list[Json], int | None]:
        listed = [one for key, one in sorted(self.issues.items()) if key not in self.hidden]
        wanted = query["fields"].split(",")
        part = [self._shown(one, wanted, CUT) for one in listed[start : start + self.page]]
        end = start + self.page
        return part, end if end < len(listed) else None

    @staticmethod
    def _shown(issue: Json, fields: list[str] | None, most: int | None = None) -> Json:
        log = issue["histories"]
        shown = {name: value for name, value in issue["fields"].items() if fields is None or name in fields}
        cut = log[:most]
        changelog = {"startAt": 0, "maxResults": len(cut), "total": len(log), "histories": cut}
        return {"id": issue["id"], "key": issue["key"], "fields": shown, "changelog": changelog}
