"""CloudTrail files where CloudTrail delivers them: a bucket, listed from where the log's knowledge ends.

Keys of one account and region sort by the day of delivery, so a listing starts a week before the newest file that was
read: files that come late are found, and a bucket of years is not listed again every day.
"""

import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from itertools import islice

from botocore.exceptions import BotoCoreError

from observant.collect.aws.collector import identify
from observant.collect.aws.session import AwsSession
from observant.collect.aws.unread import unread_from
from observant.collect.changes.batches import Batches
from observant.collect.changes.earlier import Known
from observant.collect.changes.logfile import LogFile, in_order, is_log, log_file
from observant.collect.changes.pool import decoded
from observant.collect.part import Progress
from observant.collect.unread import Unread
from observant.errors import UsageError
from observant.evidence.events import EventBatch
from observant.evidence.snapshot import Json
from observant.model.time import Clock

PERMISSIONS = ("s3:GetObject", "s3:ListBucket")
LATE = timedelta(days=7)
_AT_ONCE = 128
_FETCHERS = 8


def read_bucket(
    session: AwsSession, bucket: str, prefix: str, clock: Clock, earlier: Known, progress: Progress
) -> Iterator[EventBatch]:
    """Batches of what was delivered and the log does not have yet. `prefix` is that of the trail, without `/`.

    Raises UsageError when the bucket cannot be listed: then nothing is known about what it holds.
    """
    try:
        _, caller = identify(session)
        before = earlier.files()
        keys = list(_keys(session, bucket, f"{prefix}/" if prefix else "", before))
    except Unread as unread:
        raise UsageError(
            f"bucket {bucket} cannot be listed: {unread.detail}", "allow s3:ListBucket on it, and s3:GetObject below it"
        ) from unread
    requests = session.take_requests()
    batches = Batches(clock, caller, "bucket", earlier.ids)
    fetched = _fetched(session, bucket, in_order(keys, before), batches)
    for number, (file, found) in enumerate(decoded(fetched), start=1):
        yield from batches.take(file, found)
        if number % (_AT_ONCE * 8) == 0:
            progress(f"{bucket}: {number} of {len(keys)} files read")
    yield from batches.rest(requests)


def _keys(session: AwsSession, bucket: str, prefix: str, before: set[str]) -> Iterator[LogFile]:
    """Files to read; `content` has the key until it is fetched."""
    newest: dict[str, str] = {}
    for name in before:
        place, day = name.rsplit("/", 4)[0], "-".join(name.rsplit("/", 4)[1:4])
        newest[place] = max(newest.get(place, ""), day)
    for region in _regions(session, bucket, prefix):
        start = _start_after(region, newest.get(region.removeprefix(prefix).rstrip("/"), ""))
        for page in _pages(session, bucket, region, start=start):
            for one in page.get("Contents", []):
                if is_log(one["Key"]):
                    yield log_file(one["Key"], one["Key"].encode())


def _start_after(region: str, newest: str) -> str:
    try:
        return f"{region}{date.fromisoformat(newest) - LATE:%Y/%m/%d}" if newest else ""
    except ValueError:
        return ""  # a folder that is no day: list all of it


def _regions(session: AwsSession, bucket: str, prefix: str) -> Iterator[str]:
    """`AWSLogs/<account>/CloudTrail/<region>/` and the same below an organization's id."""
    for top in _folders(session, bucket, f"{prefix}AWSLogs/"):
        accounts = [top] if top.rstrip("/")[-12:].isdigit() else list(_folders(session, bucket, top))
        for account in accounts:
            yield from _folders(session, bucket, f"{account}CloudTrail/")


def _folders(session: AwsSession, bucket: str, prefix: str) -> Iterator[str]:
    for page in _pages(session, bucket, prefix, delimiter="/"):
        yield from (one["Prefix"] for one in page.get("CommonPrefixes", []))


def _pages(session: AwsSession, bucket: str, prefix: str, delimiter: str = "", start: str = "") -> Iterator[Json]:
    more = {"Delimiter": delimiter} if delimiter else {}
    following = {"StartAfter": start} if start else {}
    while True:
        page = session.call("s3", "ListObjectsV2", Bucket=bucket, Prefix=prefix, **more, **following)
        yield page
        if not page.get("IsTruncated"):
            return
        following = {"ContinuationToken": page["NextContinuationToken"]}


def _fetched(session: AwsSession, bucket: str, files: Iterable[LogFile], batches: Batches) -> Iterator[LogFile]:
    """The files with their content, several fetched at once; one that cannot be fetched is told and tried next time."""
    own = threading.local()

    def fetch(file: LogFile) -> LogFile | Unread:
        if not hasattr(own, "session"):
            own.session = session.sibling()
        key = file.content.decode() if isinstance(file.content, bytes) else ""
        try:
            answer = own.session.call("s3", "GetObject", Bucket=bucket, Key=key)
            return file._replace(content=answer["Body"].read())
        except Unread as unread:
            return unread
        except BotoCoreError as error:  # the connection broke while the body came
            return unread_from("s3:GetObject", error)
        finally:
            own.session.take_requests()  # one line for each of a million files: the digests of the files say it all

    waiting = iter(files)
    with ThreadPoolExecutor(_FETCHERS, thread_name_prefix="fetch") as pool:
        while group := list(islice(waiting, _AT_ONCE)):
            for file, answer in zip(group, pool.map(fetch, group), strict=True):
                if isinstance(answer, Unread):
                    batches.refused(file, answer.detail)
                else:
                    yield answer
