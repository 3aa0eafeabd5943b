"""Populations of what was changed: every change of access, and from rows every grant and every removal."""

from observant.period.registers.register import Register

CHANGES = Register(
    name="changes",
    title="Every change of access",
    folder="populations",
    logs=frozenset({"entra.directory_audits", "entra.activity_log", "azure.activity_log"}),
    columns=(
        *("scope", "happened_at", "event", "category", "target", "actor", "actor_kind", "actor_shown_by", "person"),
        *("person_name", "did", "effect", "failed", "error", "log", "event_id", "place_in_record", "evidence_record"),
    ),
    notes="""
        one row for each event of CloudTrail, the directory audit log and activity logs that changed access, or tried to
        failed events changed nothing; a scope whose log was not read has no row, and may have changed all the same
        person is an id of the list of people; empty for workflows, services, and where no rule leads to anybody
        did is before and after of what was changed, effect who may do more or less in effect because of it
    """,
    sql="""
        select scope, happened_at, event, category, target, actor, actor_kind, shown_by as actor_shown_by, person,
               person_name, array_to_string(did, '; ') as did, array_to_string(effect, '; ') as effect, failed, error,
               log, member as event_id, line as place_in_record, record as evidence_record
        from access_change where happened_at >= $start and happened_at < $end
        order by scope, happened_at, evidence_record, place_in_record, event_id
    """,
)

_STEPS = """
        with held as (
          select scope, 'IAM user' as kind, member, member as target, label, valid_from, valid_to, earliest, record
          from aws_user
          union all
          select scope, 'access key', member, owner, label, valid_from, valid_to, earliest, record
          from aws_access_key where active
          union all
          select scope, 'IAM group membership', member, principal, label, valid_from, valid_to, earliest, record
          from aws_membership
          union all
          select scope, 'IAM policy', member, principal, label, valid_from, valid_to, earliest, record
          from aws_attachment
          union all
          select scope, 'Identity Center membership', member, person, label, valid_from, valid_to, earliest, record
          from organization_membership
          union all
          select scope, 'Identity Center assignment', member, principal, label, valid_from, valid_to, earliest, record
          from organization_assignment
          union all
          select scope, 'Entra account', member, member, label, valid_from, valid_to, earliest, record
          from entra_user where enabled
          union all
          select scope, 'Entra group membership', member, principal, label, valid_from, valid_to, earliest, record
          from entra_group_member
          union all
          select scope, 'Entra role', member, principal, label, valid_from, valid_to, earliest, record
          from entra_role_assignment where assignment_type = 'Assigned'
          union all
          select scope, 'credential of an application', member, owner, label, valid_from, valid_to, earliest, record
          from entra_credential
          union all
          select scope, 'Azure role', member, principal, label, valid_from, valid_to, earliest, record
          from azure_role_assignment
        ), neighbour as (
          select held.*, lag(valid_to) over same as before, lead(valid_from) over same as following
          from held window same as (partition by scope, kind, member order by valid_from)
        ), reading_of as (
          select scope, min(started) as first_read from reading group by scope
        )
"""
_COLUMNS = (
    *("scope", "kind", "target", "what", "person", "person_name", "happened_from", "happened_to", "event", "event_id"),
    *("actor", "actor_kind", "actor_person", "member", "evidence_record"),
)
_NOTES = """
        one row for each account, membership, assignment, policy or credential that {}
        it happened not before happened_from and not after happened_to; both are equal where a log tells the second
        person is who the account belongs to; event and actor are those of the log, empty where no event tells of it
        {}
    """


def _steps(moment: str, since: str, where: str, order: str) -> str:
    return f"""{_STEPS}
        select step.scope, step.kind, coalesce(step.target, 'not known') as target, step.label as what, whose.person,
               whose.person_name, {since} as happened_from, {moment} as happened_to, told.event,
               told.event_id, told.actor, told.actor_kind, told.actor_person, step.member,
               step.record as evidence_record
        from neighbour as step
        join reading_of on reading_of.scope = step.scope
        left join (
          select scope, happened_at, record, min(event) as event, min(member) as event_id, min(actor) as actor,
                 min(actor_kind) as actor_kind, min(person) as actor_person
          from access_change where not failed and log = 'cloudtrail' group by scope, happened_at, record
        ) as told on told.scope = step.scope and told.happened_at = {moment}
        left join (
          select scope, member, arg_max(person, valid_from) as person, arg_max(person_name, valid_from) as person_name
          from (select * from aws_identity union all select * from entra_identity
                union all select * from organization_identity)
          where kind = 'person' group by scope, member
        ) as whose on whose.scope = step.scope and whose.member = step.target
        where {where}
        order by {order}
    """  # noqa: S608 (names of our own tables)


_ORDER = "step.scope, happened_to, step.kind, target, step.member"

GRANTS = Register(
    name="grants",
    title="Every grant of access",
    folder="populations",
    columns=_COLUMNS,
    notes=_NOTES.format("began in the period", "what the first reading of a scope shows was granted before it"),
    sql=_steps(
        "step.valid_from",
        "greatest(step.earliest, coalesce(step.before, step.earliest))",
        "step.before is distinct from step.valid_from and step.valid_from >= $start and step.valid_from < $end "
        "and step.valid_from > reading_of.first_read",
        _ORDER,
    ),
)

REMOVALS = Register(
    name="removals",
    title="Every removal of access",
    folder="populations",
    columns=_COLUMNS,
    notes=_NOTES.format("ended in the period", "an activated role that ends by itself is among the activations"),
    sql=_steps(
        "step.valid_to",
        "case when told.event is null then coalesce((select max(started) from reading where reading.scope = step.scope "
        "and started < step.valid_to), step.valid_from) else step.valid_to end",
        "step.following is distinct from step.valid_to and step.valid_to >= $start and step.valid_to < $end",
        _ORDER,
    ),
)
