"""Of an AWS account: users, roles, the root user, access keys."""

from observant.reviews.kinds.parts import assembled

_PERSON = """(select any_value(coalesce(them.email, them.label)) from now_aws_identity as linked
            join now_people_person as them on them.scope = linked.person_scope and them.member = linked.person
            where linked.scope = who.scope and linked.member = {principal} and linked.kind = 'person')"""

_MANAGER = """(select any_value(coalesce(boss.email, boss.label)) from now_aws_identity as linked
            join now_people_person as them on them.scope = linked.person_scope and them.member = linked.person
            join now_people_person as boss on boss.scope = them.scope
             and (boss.member = them.manager or lower(boss.email) = lower(them.manager))
            where linked.scope = who.scope and linked.member = {principal} and linked.kind = 'person')"""

_OWNERS = """(select list(distinct coalesce(them.email, owned.owner_name)) from now_aws_service_account as owned
            left join now_people_person as them on them.member = owned.owner
            where owned.scope = who.scope and owned.member = {principal} and owned.owner is not null)"""

_ESCALATIONS = """(select list(told) from (
              select unnest([
                case when access.administrator
                     then 'is an administrator: ' || split_part(access.administrator_because, ';', 1)
                     when access.administrator is null then 'administrator or not: cannot be known' end,
                case when access.escalates
                     then 'can make itself an administrator: ' || split_part(access.escalates_because, ';', 1)
                     when access.escalates is null then 'way to administrator: cannot be known' end,
                case when access.exposes
                     then 'can expose credentials or data: ' || split_part(access.exposes_because, ';', 1) end]) as told
              from now_aws_principal_access as access
              where access.scope = who.scope and access.member = {principal}))"""

_DOCUMENT = """coalesce(held.document, (select any_value(kept.document) from now_aws_managed_policy as kept
                                        where kept.scope = held.scope and kept.member = held.policy_arn))"""

_USER = """
    select who.scope, who.member, who.label, who.label as person,
           (select list({'name': held.policy_name || coalesce(' (group ' || inside.group_name || ')', ''),
                         'document': {document}})
            from now_aws_attachment as held left join now_aws_membership as inside
              on inside.scope = held.scope and held.principal_kind = 'group'
             and inside.group_name = held.principal_name and inside.principal = who.member
            where held.scope = who.scope and (held.principal = who.member or inside.principal = who.member)
           ) as policies,
           {escalations} as escalations,
           list_concat({owners}, [{person}]) as holders,
           {manager} as manager,
           (select any_value(used.last_used) from now_aws_credential_usage as used
            where used.scope = who.scope and used.member = who.member) as last_used
    from now_aws_user as who
"""

_ROLE = """
    select who.scope, who.member, who.label, '' as person, who.trust,
           (select list({'name': held.policy_name, 'document': {document}}) from now_aws_attachment as held
            where held.scope = who.scope and held.principal = who.member) as policies,
           {escalations} as escalations,
           {owners} as holders,
           (select any_value(used.last_used) from now_aws_role_usage as used
            where used.scope = who.scope and used.member = who.member) as last_used
    from now_aws_role as who where who.member not like '%:role/aws-service-role/%'
"""

_ROOT = """
    select who.scope, who.member, who.label, '' as person, ['everything in the account'] as privileges,
           [case when who.mfa_active then null when who.mfa_active is null then 'second factor: cannot be known'
                 else 'signs in without a second factor' end,
            case when who.key_1_active or who.key_2_active then 'has an active access key' end] as escalations,
           (select any_value(greatest(used.password_last_used, used.key_1_last_used, used.key_2_last_used))
            from now_aws_root_usage as used where used.scope = who.scope and used.member = who.member) as last_used
    from now_aws_credential as who where who.is_root
"""

_ACCESS_KEY = """
    select who.scope, who.member, who.label, regexp_extract(who.owner, '[^/:]+$') as person,
           ['calls as ' || regexp_extract(who.owner, '[^/:]+$')
            || coalesce(', since ' || strftime(who.created_at, '%Y-%m-%d'), '')] as privileges,
           {escalations} as escalations,
           list_concat({owners}, [{person}]) as holders,
           {manager} as manager,
           (select any_value(used.last_used) from now_aws_access_key_usage as used
            where used.scope = who.scope and used.member = who.owner || '#' || who.slot) as last_used
    from now_aws_access_key as who where who.active
"""

_PARTS = {
    "document": _DOCUMENT,
    "escalations": _ESCALATIONS,
    "owners": _OWNERS,
    "person": _PERSON,
    "manager": _MANAGER,
}
_MEMBER = {**_PARTS, "principal": "who.member"}

QUERIES = {
    "aws-user": assembled(_USER, **_MEMBER),
    "aws-role": assembled(_ROLE, **_MEMBER),
    "aws-root": _ROOT,
    "aws-access-key": assembled(_ACCESS_KEY, **_PARTS, principal="who.owner"),
}
