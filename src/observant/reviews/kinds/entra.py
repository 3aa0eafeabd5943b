"""Of an Entra tenant: members, guests, disabled accounts with a role, service principals, directory roles."""

from observant.reviews.kinds.parts import MANAGER, assembled

MICROSOFT = ("f8cdef31-a31e-4b4a-93e4-5f571e91255a", "72f988bf-86f1-41af-91ab-2d7cd011db47")
"""Tenants in which Microsoft's own applications live; these are reviewed where they hold something."""

_ESCALATIONS = """(select list(distinct case when held.privileged then 'privileged directory role '
                                 else 'role of unknown power ' end
                        || coalesce(held.role_name, held.role)
                        || ', ' || coalesce(held.holding, 'held in an unknown way')
                        || coalesce(' through ' || held.path, ''))
            from now_entra_privileged_holder as held
            where held.scope = who.scope and held.principal = who.member
              and held.holding is distinct from 'activated')"""

_ENTRA_WAYS = """
              select 'member of ' || coalesce(inside.display_name, held.group_id) as way
              from now_entra_group_member as held left join now_entra_group as inside
                on inside.scope = held.scope and inside.member = held.group_id
              where held.scope = who.scope and held.principal = who.member
              union all
              select 'holds ' || coalesce(role.display_name, held.role) || ' at ' || held.directory_scope
              from now_entra_role_assignment as held left join now_entra_role as role
                on role.scope = held.scope and role.member = held.role
              where held.scope = who.scope and held.principal = who.member
              union all
              select 'may activate ' || coalesce(role.display_name, held.role) || ' at ' || held.directory_scope
              from now_entra_role_eligibility as held left join now_entra_role as role
                on role.scope = held.scope and role.member = held.role
              where held.scope = who.scope and held.principal = who.member
              union all
              select distinct held.holding || ' ' || coalesce(held.role_name, held.role) || ' through ' || held.path
              from now_entra_privileged_holder as held
              where held.scope = who.scope and held.principal = who.member and held.path is not null
                and held.holding <> 'activated'
              union all
              select distinct 'Azure: ' || coalesce(role.role_name, held.role) || ' at ' || held.assigned_at
              from now_azure_role_assignment as held left join now_azure_role as role
                on role.scope = held.scope and role.role = held.role
              where held.principal = who.member"""

_ACCOUNT = """
    select who.scope, who.member, who.label, coalesce(who.upn, who.label) as person,
           (select list(way) from ({ways})) as privileges,
           {escalations} as escalations,
           [who.upn] as holders,
           {manager} as manager,
           (select any_value(used.last_successful_sign_in)
            from now_entra_user_activity as used
            where used.scope = who.scope and used.member = who.member) as last_used
    from now_entra_user as who where {which}
"""

_SERVICE_PRINCIPAL = """
    select who.scope, who.member, who.label, '' as person,
           (select list(way) from ({ways}
              union all
              select 'signs in with a ' || held.kind || coalesce(' ' || nullif(held.name, held.kind), '')
                     || coalesce(', until ' || strftime(held.end_at, '%Y-%m-%d'), '')
              from now_entra_credential as held
              where held.scope = who.scope and not coalesce(held.signing, false)
                and (held.owner = who.member or held.app_id = who.app_id))) as privileges,
           {escalations} as escalations,
           (select list(distinct coalesce(them.upn, held.principal)) from now_entra_owner as held
            left join now_entra_user as them on them.scope = held.scope and them.member = held.principal
            where held.scope = who.scope and (held.owned = who.member or held.app_id = who.app_id)) as holders,
           null::timestamp as last_used
    from now_entra_service_principal as who
    where coalesce(who.enabled, true)
      and (coalesce(lower(who.home_tenant), '') not in ({microsoft})
           or exists (select 1 from now_entra_privileged_holder as held
                      where held.scope = who.scope and held.principal = who.member)
           or exists (select 1 from now_azure_role_assignment as held where held.principal = who.member))
"""

_ROLE = """
    select held.scope, held.member,
           coalesce(role.display_name, held.role) || ' of '
             || coalesce(who.label, 'the group ' || crowd.display_name, machine.label, held.principal) as label,
           coalesce(who.upn, who.label, '') as person,
           list_concat(
             ['{way} ' || coalesce(role.display_name, held.role) || ' at ' || held.directory_scope
              || case when held.permanent then ', for good'
                      else coalesce(', until ' || strftime(held.end_at, '%Y-%m-%d'), '') end],
             (select list(distinct 'through the group: ' || coalesce(them.upn, inside.principal, 'members not known'))
              from now_entra_group_closure as inside
              left join now_entra_user as them on them.scope = inside.scope and them.member = inside.principal
              where inside.scope = held.scope and inside.group_id = held.principal)) as privileges,
           case when role.privileged then ['privileged directory role']
                when role.privileged is null then ['a role of unknown power'] end as escalations,
           list_concat([who.upn],
             (select list(distinct coalesce(them.upn, inside.principal)) from now_entra_group_closure as inside
              left join now_entra_user as them on them.scope = inside.scope and them.member = inside.principal
              where inside.scope = held.scope and inside.group_id = held.principal)) as holders,
           {manager} as manager,
           null::timestamp as last_used
    from now_{table} as held
    left join now_entra_role as role on role.scope = held.scope and role.member = held.role
    left join now_entra_user as who on who.scope = held.scope and who.member = held.principal
    left join now_entra_group as crowd on crowd.scope = held.scope and crowd.member = held.principal
    left join now_entra_service_principal as machine
      on machine.scope = held.scope and machine.member = held.principal
    {where}
"""

# A role that is activated for some hours is reviewed as the one that may be activated.
_STANDING = "where held.assignment_type is distinct from 'Activated'"

_DISABLED = """
    not who.enabled and exists (select 1 from now_entra_privileged_holder as held
                                where held.scope = who.scope and held.principal = who.member)
"""


_PARTS = {
    "ways": _ENTRA_WAYS,
    "escalations": _ESCALATIONS,
    "manager": MANAGER,
    "email": "who.upn",
    "microsoft": ", ".join(f"'{one}'" for one in MICROSOFT),
}
_ENABLED = "who.user_type = '{type}' and coalesce(who.enabled, true)"

QUERIES = {
    "entra-member": assembled(_ACCOUNT, which=_ENABLED, type="Member", **_PARTS),
    "entra-guest": assembled(_ACCOUNT, which=_ENABLED, type="Guest", **_PARTS),
    "entra-disabled": assembled(_ACCOUNT, which=_DISABLED, **_PARTS),
    "entra-service-principal": assembled(_SERVICE_PRINCIPAL, **_PARTS),
    "entra-role": assembled(_ROLE, table="entra_role_assignment", way="holds", where=_STANDING, **_PARTS),
    "entra-eligibility": assembled(_ROLE, table="entra_role_eligibility", way="may activate", where="", **_PARTS),
}
