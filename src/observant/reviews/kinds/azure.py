"""Of a subscription: roles that are held, and roles that may be activated."""

from observant.reviews.kinds.parts import MANAGER, assembled

_ROLE = """
    select held.scope, held.member,
           coalesce(role.role_name, held.role) || ' of '
             || coalesce(who.label, 'the group ' || crowd.display_name, machine.label, held.principal, 'somebody')
             || ' at ' || coalesce(held.assigned_at, '?') as label,
           coalesce(who.upn, who.label, '') as person,
           list_concat(
             ['{way} ' || coalesce(role.role_name, held.role) || ' at ' || coalesce(held.assigned_at, '?')
              || ' (' || coalesce(held.level, 'level not known') || ')'
              || case when held.condition is null then '' else ', under a condition' end{until}],
             (select list(distinct 'through the group: ' || coalesce(them.upn, inside.principal, 'members not known'))
              from now_entra_group_closure as inside
              left join now_entra_user as them on them.scope = inside.scope and them.member = inside.principal
              where inside.group_id = held.principal),
             case when held.principal_kind = 'Group' and not exists (
                    select 1 from now_entra_group_closure as inside where inside.group_id = held.principal)
                  then ['through the group: nobody is known to be in it'] end) as privileges,
           [case when role.writes_everything then 'can change everything there'
                 when role.writes_everything is null then 'power over everything: cannot be known' end,
            case when role.assigns_roles then 'can give itself and others any role there'
                 when role.assigns_roles is null then 'power to assign roles: cannot be known' end] as escalations,
           list_concat([who.upn],
             (select list(distinct coalesce(them.upn, inside.principal)) from now_entra_group_closure as inside
              left join now_entra_user as them on them.scope = inside.scope and them.member = inside.principal
              where inside.group_id = held.principal)) as holders,
           {manager} as manager,
           null::timestamp as last_used
    from now_{table} as held
    left join now_azure_role as role on role.scope = held.scope and role.role = held.role
    left join now_entra_user as who on who.member = held.principal
    left join now_entra_group as crowd on crowd.member = held.principal
    left join now_entra_service_principal as machine on machine.member = held.principal
    where {which}
"""

# What is activated for some hours stands among the assignments too; it is reviewed as what may be activated.
_STANDING = """
    not exists (select 1 from now_azure_role_assignment_instance as active
                where active.scope = held.scope and active.principal = held.principal and active.role = held.role
                  and active.assigned_at = held.assigned_at and active.assignment_type = 'Activated')
"""
_UNTIL = """
              || case when held.permanent then ', for good'
                      else coalesce(', until ' || strftime(held.end_at, '%Y-%m-%d'), '') end"""

_PARTS = {"manager": MANAGER, "email": "who.upn"}

QUERIES = {
    "azure-role": assembled(_ROLE, table="azure_role_assignment", way="holds", until="", which=_STANDING, **_PARTS),
    "azure-eligibility": assembled(
        _ROLE, table="azure_role_eligibility", way="may activate", until=_UNTIL, which="true", **_PARTS
    ),
}
