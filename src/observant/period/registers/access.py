"""Registers of access: who held which privilege, who activated a role, and whom Conditional Access does not cover."""

from observant.period.registers.register import Register

PRIVILEGED_ACCESS = Register(
    name="privileged-access",
    title="Who held which privilege, and when",
    columns=(
        *("scope", "principal", "name", "kind", "privilege", "held_at", "how", "through", "held_from", "held_to"),
        "evidence_record",
    ),
    notes="""
        one row for each stretch of time in which somebody held, or could activate, a privilege
        privileges: administrator in effect of an AWS account, permission set of Identity Center that allows everything,
        privileged role of Entra ID, application permission that comes to one, far-reaching role of Azure
        how is standing, activated, owner (of the group that holds it), eligible, or not known
        who could not be seen (a hidden group) is listed as not known; held_to is empty for what outlasted the period
    """,
    sql="""
        with privilege as (
          select scope, member as principal, label as name, kind, 'administrator in effect' as privilege,
                 cast(null as varchar) as held_at, case when administrator then 'standing' else 'not known' end as how,
                 cast(null as varchar) as through, valid_from, valid_to, record
          from aws_principal_access where administrator is not false
          union all
          select scope, person, person_name, 'person of Identity Center',
                 'permission set ' || coalesce(permission_set_name, permission_set), account,
                 case when administrator then 'standing' else 'not known' end, via, valid_from, valid_to, record
          from organization_person_access where administrator is not false
          union all
          select scope, principal, principal_name, principal_kind, coalesce(role_name, role), directory_scope,
                 coalesce(holding, 'not known'), path, valid_from, valid_to, record
          from entra_privileged_holder
          union all
          select held.scope, held.principal, app.label, 'servicePrincipal',
                 'application permission ' || coalesce(permission, app_role), cast(null as varchar),
                 case when privileged then 'standing' else 'not known' end, cast(null as varchar), held.valid_from,
                 held.valid_to, held.record
          from entra_app_permission held left join (
            select scope, member, arg_max(label, valid_from) as label from entra_service_principal group by all
          ) as app on app.scope = held.scope and app.member = held.principal
          where privileged is not false
          union all
          select scope, principal, principal_name, principal_kind, coalesce(role_name, role), assigned_at, how, path,
                 valid_from, valid_to, record
          from azure_privileged_holder
        )
        select scope, coalesce(principal, 'not known') as principal, coalesce(name, principal, 'not known') as name,
               kind, privilege, held_at, how, through, greatest(valid_from, $start) as held_from,
               case when valid_to < $end then valid_to end as held_to, record as evidence_record
        from privilege where valid_from < $end and valid_to > $start
        order by scope, name, principal, privilege, held_at, how, through, held_from
    """,
)

ACTIVATIONS = Register(
    name="activations",
    title="Every activation of a directory role or of membership in a privileged group",
    columns=(
        *("scope", "principal", "activation", "active_from", "active_to", "justification", "ticket", "approved_by"),
        *("known_from", "evidence_record"),
    ),
    notes="""
        one row for each activation that a snapshot showed or the directory audit log tells of
        known_from is audit log where no snapshot fell into it; justification is empty where none is known
    """,
    sql="""
        select scope, principal, label as activation, min(start_at) as active_from, max(end_at) as active_to,
               max(justification) as justification, max(ticket) as ticket, max(approved_by) as approved_by,
               case when bool_and(told) then 'audit log' else 'snapshot' end as known_from,
               max(record) as evidence_record
        from entra_activation where coalesce(start_at, valid_from) < $end and coalesce(end_at, valid_to) > $start
        group by scope, member, principal, label order by scope, active_from, activation, member
    """,
)

CONDITIONAL_ACCESS = Register(
    name="conditional-access",
    title="Whom Conditional Access does not cover, and why",
    columns=(
        *("scope", "requirement", "person", "name", "population", "administrator", "emergency_account", "state"),
        *("because", "policy", "way", "held_from", "held_to", "evidence_record"),
    ),
    notes="""
        one row for each person and stretch of time; who has no row was covered, or is not asked
        state is exempt (way tells how), conditional (covered for some sign-ins only), uncovered, or not known
        since names the earliest moment from which it may have been so
    """,
    sql="""
        select scope, requirement, person, label as name, population, admin as administrator,
               emergency as emergency_account, coalesce(state, 'not known') as state,
               because || ' since ' || strftime(earliest, '%Y-%m-%d %H:%M') as because, policy, way,
               greatest(valid_from, $start) as held_from, case when valid_to < $end then valid_to end as held_to,
               record as evidence_record
        from entra_coverage_person where valid_from < $end and valid_to > $start
        order by scope, requirement, name, person, held_from
    """,
)
