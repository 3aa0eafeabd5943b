"""The exports of one account as its collections."""

from collections import defaultdict

from observant.collect.files.authorization import ANOTHER, authorization
from observant.collect.files.commands import SOURCES, missing
from observant.collect.files.exports import (
    ALIASES,
    DETAILS,
    PASSWORD_POLICY,
    REPORT,
    SELECTORS,
    SUMMARY,
    TRAIL_STATUS,
    TRAILS,
    VIRTUAL_MFA,
    Export,
)
from observant.collect.files.trails import selectors, statuses, trails
from observant.collect.shapes.devices import device_of
from observant.collect.shapes.report import META, meta, report
from observant.evidence.snapshot import Collection, Entity, Gap, GapReason, Json

_SEVERAL = frozenset({DETAILS, VIRTUAL_MFA, TRAIL_STATUS, SELECTORS})
"""Commands of which an account may have more than one export."""


def collections_of(account: str, exports: list[Export]) -> list[Collection]:
    """Every collection of an AWS account, complete or a gap. Raises InputError for exports that contradict."""
    by_command: dict[str, list[Export]] = defaultdict(list)
    for export in exports:
        by_command[export.command].append(export)
    for command, several in by_command.items():
        if len(several) > 1 and command not in _SEVERAL:
            raise several[1].file.wrong("", f"a second {command} of {account} beside {several[0].file.path}", ANOTHER)
    found = {collection.name: collection for collection in _found(account, by_command)}
    return [found.get(name) or missing(name) for name in SOURCES]


def _found(account: str, exports: dict[str, list[Export]]) -> list[Collection]:
    partitions = {export.partition for several in exports.values() for export in several} - {"aws"}
    root = f"arn:{next(iter(partitions), 'aws')}:iam::{account}:root"
    single = {command: several[0] for command, several in exports.items() if command not in _SEVERAL}
    counts: Json = single[SUMMARY].value["SummaryMap"] if SUMMARY in single else {}
    found: list[Collection] = []
    if counts:
        found.append(Collection("iam.account_summary", [Entity(root, counts)]))
    if PASSWORD_POLICY in single:
        policy = {**single[PASSWORD_POLICY].value["PasswordPolicy"], "PolicyExists": True}
        found.append(Collection("iam.password_policy", [Entity(root, policy)]))
    if ALIASES in single:
        aliases = {"AccountAliases": single[ALIASES].value["AccountAliases"]}
        found.append(Collection("iam.account_alias", [Entity(root, aliases)]))
    if DETAILS in exports:
        found += authorization(exports[DETAILS], counts)
    if REPORT in single:
        users = next((one for one in found if one.name == "iam.users"), missing("iam.users"))
        found += _report(account, single[REPORT], counts, users)
    if VIRTUAL_MFA in exports:
        found.append(_devices(exports[VIRTUAL_MFA]))
    return found + _trails(exports, single)


def _report(account: str, export: Export, counts: Json, users: Collection) -> list[Collection]:
    read = report(export.rows, export.generated, counts, users)
    if export.generated is not None:
        return [read, meta(account, export.generated)]
    detail = "the CSV alone does not say when it was generated: save the output of get-credential-report instead"
    return [read, Collection(META, gap=Gap(GapReason.NOT_ATTEMPTED, detail))]


def _devices(pages: list[Export]) -> Collection:
    devices: dict[str, Entity] = {}
    for page in pages:
        for device in page.value["VirtualMFADevices"]:
            entity = device_of(device)
            if entity.urn in devices:
                raise page.file.wrong("", f"{entity.urn} stands in another export too", ANOTHER)
            devices[entity.urn] = entity
    unfinished = [page for page in pages if page.value.get("IsTruncated") is True or page.value.get("NextToken")]
    if len(unfinished) == len(pages):
        gap = Gap(GapReason.TRUNCATED, f"{pages[-1].file.path.name}: truncated, and no export holds the next page")
        return Collection("iam.virtual_mfa_devices", gap=gap)
    return Collection("iam.virtual_mfa_devices", list(devices.values()))


def _trails(exports: dict[str, list[Export]], single: dict[str, Export]) -> list[Collection]:
    known = trails(single[TRAILS]) if TRAILS in single else missing("cloudtrail.trails")
    found = [known] if TRAILS in single else []
    if TRAIL_STATUS in exports:
        found.append(statuses(exports[TRAIL_STATUS], known))
    if SELECTORS in exports:
        found.append(selectors(exports[SELECTORS], known))
    return found
