"""CloudTrail of one account: an event for what is done, delivered in files as AWS delivers them.

moto records no events, so whoever works in the account (`hand.Hand`) says what it did. Format:
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

import gzip
import json
from collections.abc import Callable
from datetime import datetime
from random import Random
from typing import Any
from uuid import UUID

Json = dict[str, Any]


class EventLog:
    """`write` takes events; `delivered` gives the files that came since it was asked the last time."""

    def __init__(self, account: str, now: Callable[[], datetime], region: str = "us-east-1") -> None:
        self.account, self.region, self._now = account, region, now
        self.recording = True
        """What is done while nothing is recorded leaves no event."""
        self._chance = Random(5)
        self._files: dict[str, list[Json]] = {}

    def write(
        self, caller: Json, name: str, request: Json | None, response: Json | None = None, service: str = "iam"
    ) -> None:
        """One event of now."""
        if not self.recording:
            return
        at = self._now()
        event = {
            "eventVersion": "1.09",
            "userIdentity": caller,
            "eventTime": f"{at:%Y-%m-%dT%H:%M:%SZ}",
            "eventSource": f"{service}.amazonaws.com",
            "eventName": name,
            "awsRegion": self.region,
            "sourceIPAddress": "198.51.100.20",
            "userAgent": "aws-cli/2.31",
            "requestParameters": request,
            "responseElements": response,
            "requestID": self._identifier(),
            "eventID": self._identifier(),
            "readOnly": name.startswith(("Get", "List", "Describe")),
            "eventType": "AwsApiCall",
            "managementEvent": True,
            "recipientAccountId": self.account,
            "eventCategory": "Management",
        }
        five_minutes = at.replace(minute=at.minute // 5 * 5, second=0)
        self._files.setdefault(f"{five_minutes:%Y%m%dT%H%MZ}", []).append(event)

    def key_id(self, kind: str = "ASIA") -> str:
        """An access key id of its own, such as of a session."""
        return f"{kind}{self._chance.getrandbits(80):016X}"[:20]

    def delivered(self) -> dict[str, bytes]:
        """Key in the log bucket -> file."""
        files, self._files = self._files, {}
        return {self._key(at): _packed(events) for at, events in sorted(files.items())}

    def _key(self, at: str) -> str:
        folder = f"AWSLogs/{self.account}/CloudTrail/{self.region}/{at[:4]}/{at[4:6]}/{at[6:8]}"
        return f"{folder}/{self.account}_CloudTrail_{self.region}_{at}_{self._chance.getrandbits(64):016x}.json.gz"

    def _identifier(self) -> str:
        return str(UUID(int=self._chance.getrandbits(128), version=4))


def _packed(events: list[Json]) -> bytes:
    return gzip.compress(json.dumps({"Records": events}, separators=(",", ":")).encode(), mtime=0)
