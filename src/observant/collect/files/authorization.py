"""Authorization details from files: pages put together, and checked for what is not there."""

from observant.collect.files.exports import Export
from observant.collect.shapes.authorization import LISTS, compare, entity_of, listing
from observant.evidence.snapshot import Collection, Entity, Gap, GapReason, Json

ANOTHER = "hand in one export of each account, or all pages of one export"


def _truncated(export: Export) -> bool:
    """A page that is not the last: as the API says it, or as the command line does with --max-items."""
    return export.value.get("IsTruncated") is True or bool(export.value.get("NextToken"))


def authorization(pages: list[Export], counts: Json) -> list[Collection]:
    """Users, groups, roles and policies of one account. Raises InputError for exports that contradict each other."""
    last = [page for page in pages if not _truncated(page)]
    if len(last) > 1:
        raise last[1].file.wrong("", f"a second complete export beside {last[0].file.path}", ANOTHER)
    entities = _entities(pages)
    if not last:
        detail = f"{pages[-1].file.path.name}: IsTruncated, and no export holds the next page"
        return [Collection(name, gap=Gap(GapReason.TRUNCATED, detail)) for name in entities]
    compared = compare(counts, entities)
    collections = {name: listing(name, found, compared.get(name, [])) for name, found in entities.items()}
    for name, problem in _dangling(entities).items():
        collections[name] = Collection(name, gap=Gap(GapReason.TRUNCATED, problem), reconciled=compared.get(name, []))
    return list(collections.values())


def _entities(pages: list[Export]) -> dict[str, list[Entity]]:
    entities: dict[str, list[Entity]] = {name: [] for name in LISTS.values()}
    seen: dict[str, Export] = {}
    for page in pages:
        for field, name in LISTS.items():
            for index, detail in enumerate(page.value[field]):
                entity = entity_of(detail)
                if entity.urn in seen:
                    other = seen[entity.urn].file.path
                    raise page.file.wrong(f"$.{field}[{index}]", f"{entity.urn} stands in {other} too", ANOTHER)
                seen[entity.urn] = page
                entities[name].append(entity)
    return entities


def _dangling(entities: dict[str, list[Entity]]) -> dict[str, str]:
    """Collection -> why it is not whole: somebody refers to a member that is not listed (an export with --filter)."""
    groups = {entity.configuration.get("GroupName") for entity in entities["iam.groups"]}
    policies = {entity.urn for entity in entities["iam.policies"]}
    found: dict[str, str] = {}
    for user in entities["iam.users"]:
        for group in user.configuration.get("GroupList", []):
            if group not in groups:
                found["iam.groups"] = (
                    f"{user.urn} is a member of {group}, which is not listed (exported with --filter?)"
                )
    for principal in [*entities["iam.users"], *entities["iam.groups"], *entities["iam.roles"]]:
        for policy in principal.configuration.get("AttachedManagedPolicies", []):
            if policy.get("PolicyArn") not in policies:
                arn = policy.get("PolicyArn")
                found["iam.policies"] = f"{principal.urn} has {arn}, which is not listed (exported with --filter?)"
    return found
