"""ServiceNow's Table API: values with what is displayed, pages by offset, and rows that access rules take away."""

import base64
from typing import Any

from observant_clouds.trackers.service import Answer, Query, Service

Json = dict[str, Any]


class ServiceNow(Service):
    """`tables`: name -> rows, field -> (value, displayed)."""

    def __init__(self) -> None:
        super().__init__("Basic " + base64.b64encode(b"reader:t0ken").decode())
        self.tables: dict[str, list[dict[str, tuple[str, str]]]] = {"change_request": [], "sysapproval_approver": []}
        self.hidden: set[str] = set()
        """sys_ids of rows that the reader may not see; the total counts them."""

    def row(self, table: str, **fields: str | tuple[str, str]) -> None:
        given = {name.replace("__", "."): value for name, value in fields.items()}
        self.tables[table].append({k: v if isinstance(v, tuple) else (v, v) for k, v in given.items()})

    def answer(self, path: str, query: Query) -> Answer | None:
        rows = self.tables.get(path.removeprefix("/api/now/table/"))
        if rows is None:
            return Answer({"error": {"message": "Invalid table", "detail": None}, "status": "failure"}, 400)
        found = [one for one in rows if self._fits(one, query["sysparm_query"])]
        start, size = int(query["sysparm_offset"]), int(query["sysparm_limit"])
        part = [one for one in found[start : start + size] if one["sys_id"][0] not in self.hidden]
        shown = [self._shown(one, query["sysparm_fields"].split(",")) for one in part]
        return Answer({"result": shown}, headers={"x-total-count": str(len(found))})

    @staticmethod
    def _fits(row: dict[str, tuple[str, str]], written: str) -> bool:
        for term in written.split("^"):
            if "IN" in term and term.startswith("sysapproval"):
                if row["sysapproval"][0] not in term.removeprefix("sysapprovalIN").split(","):
                    return False
            elif ">=" in term:
                field, _, value = term.partition(">=")
                if row[field][0] < value:
                    return False
            elif "=" in term:
                field, _, value = term.partition("=")
                if row[field][0] != value:
                    return False
        return True

    @staticmethod
    def _shown(row: dict[str, tuple[str, str]], fields: list[str]) -> Json:
        return {name: {"value": row[name][0], "display_value": row[name][1]} for name in fields if name in row}
