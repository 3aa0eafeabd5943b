"""IAM Access Analyzer, which moto does not know: what ListAnalyzers and ListFindingsV2 answer.

State hangs on `ANALYZERS`: account -> region -> ARN -> analyzer; findings hang on their analyzer's ARN. Real AWS: an
analyzer is of one region, and an account without one gets an empty list; findings page by 100.
"""

import json
import zlib
from typing import Any
from urllib.parse import parse_qs

from observant_clouds.aws.traffic import Answer

SERVICE = "accessanalyzer"
SIGNED_AS = "access-analyzer"
PAGE = 100
OPERATIONS = {"/analyzer": "ListAnalyzers", "/findingv2": "ListFindingsV2"}

ANALYZERS: dict[str, dict[str, dict[str, dict[str, Any]]]] = {}
FINDINGS: dict[str, list[dict[str, Any]]] = {}


def forget() -> None:
    ANALYZERS.clear()
    FINDINGS.clear()


def answer(account: str, region: str, path: str, query: str, body: str) -> Answer:
    """One request of these two operations, as rest-json carries it."""
    sent = json.loads(body) if body else {key: values[0] for key, values in parse_qs(query).items()}
    here = ANALYZERS.get(account, {}).get(region, {})
    if path == "/analyzer":
        return _page("analyzers", list(here.values()), sent)
    if sent["analyzerArn"] not in here:
        told = {"message": f"no analyzer {sent['analyzerArn']}"}
        return 404, {"x-amzn-errortype": "ResourceNotFoundException"}, json.dumps(told).encode()
    wanted = sent.get("filter", {}).get("status", {}).get("eq")
    found = [one for one in FINDINGS.get(sent["analyzerArn"], []) if wanted is None or one["status"] in wanted]
    return _page("findings", found, sent)


def _page(name: str, everything: list[dict[str, Any]], sent: dict[str, Any]) -> Answer:
    start, size = int(sent.get("nextToken", 0)), min(int(sent.get("maxResults", PAGE)), PAGE)
    more = {"nextToken": str(start + size)} if start + size < len(everything) else {}
    body = json.dumps({name: everything[start : start + size], **more})
    headers = {"Content-Type": "application/json", "x-amzn-RequestId": f"{zlib.crc32(body.encode()):08x}-cloud"}
    return 200, headers, body.encode()
