"""What a reviewer is told about each kind of access: one query over the inventory as it stood when it was frozen.

`now_<table>` are the rows of a table that were valid at that moment. Each query answers scope, member, label, person,
privileges (a list of texts) and last_used (NULL where it is not known, 1970-01-01 for never).
"""

from observant.analysis.access import ACCESS, Access

_AWS_USER = """
    select who.scope, who.member, who.label, who.label as person,
           (select list(held.policy_name || coalesce(' (group ' || inside.group_name || ')', ''))
            from now_aws_attachment as held left join now_aws_membership as inside
              on inside.scope = held.scope and held.principal_kind = 'group'
             and inside.group_name = held.principal_name and inside.principal = who.member
            where held.scope = who.scope and (held.principal = who.member or inside.principal = who.member)
           ) as privileges,
           (select any_value(used.last_used) from now_aws_credential_usage as used
            where used.scope = who.scope and used.member = who.member) as last_used
    from now_aws_user as who
"""

_AWS_ROLE = """
    select who.scope, who.member, who.label, '' as person,
           (select list(held.policy_name) from now_aws_attachment as held
            where held.scope = who.scope and held.principal = who.member) as privileges,
           null::timestamp as last_used
    from now_aws_role as who where who.member not like '%:role/aws-service-role/%'
"""

_AWS_ROOT = """
    select who.scope, who.member, who.label, '' as person, ['everything in the account'] as privileges,
           (select any_value(greatest(used.password_last_used, used.key_1_last_used, used.key_2_last_used))
            from now_aws_root_usage as used where used.scope = who.scope and used.member = who.member) as last_used
    from now_aws_credential as who where who.is_root
"""

_AWS_ACCESS_KEY = """
    select who.scope, who.member, who.label, regexp_extract(who.owner, '[^/:]+$') as person,
           ['calls as ' || regexp_extract(who.owner, '[^/:]+$')
            || coalesce(', since ' || strftime(who.created_at, '%Y-%m-%d'), '')] as privileges,
           (select any_value(used.last_used) from now_aws_access_key_usage as used
            where used.scope = who.scope and used.member = who.owner || '#' || who.slot) as last_used
    from now_aws_access_key as who where who.active
"""

_ENTRA_ACCOUNT = """
    select who.scope, who.member, who.label, coalesce(who.upn, who.label) as person,
           (select list(way) from (
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
              where held.scope = who.scope and held.principal = who.member)
           ) as privileges,
           (select any_value(used.last_successful_sign_in)
            from now_entra_user_activity as used
            where used.scope = who.scope and used.member = who.member) as last_used
    from now_entra_user as who where who.user_type = '{type}'
      and (who.enabled or exists (select 1 from now_entra_role_assignment as held
                                  where held.scope = who.scope and held.principal = who.member))
"""

_ENTRA_ROLE = """
    select held.scope, held.member,
           coalesce(role.display_name, held.role) || ' of ' || coalesce(who.label, held.principal) as label,
           coalesce(who.upn, who.label, '') as person,
           ['{way} ' || coalesce(role.display_name, held.role) || ' at ' || held.directory_scope
            || case when held.permanent then ', for good'
                    else coalesce(', until ' || strftime(held.end_at, '%Y-%m-%d'), '') end] as privileges,
           null::timestamp as last_used
    from now_{table} as held
    left join now_entra_role as role on role.scope = held.scope and role.member = held.role
    left join now_entra_user as who on who.scope = held.scope and who.member = held.principal
"""

QUERIES: dict[str, str] = {
    "aws-user": _AWS_USER,
    "aws-role": _AWS_ROLE,
    "aws-root": _AWS_ROOT,
    "aws-access-key": _AWS_ACCESS_KEY,
    "entra-member": _ENTRA_ACCOUNT.replace("{type}", "Member"),
    "entra-guest": _ENTRA_ACCOUNT.replace("{type}", "Guest"),
    "entra-role": _ENTRA_ROLE.replace("{table}", "entra_role_assignment").replace("{way}", "holds"),
    "entra-eligibility": _ENTRA_ROLE.replace("{table}", "entra_role_eligibility").replace("{way}", "may activate"),
}
"""Kind of access -> its query."""


def reviewed(source: str) -> list[Access]:
    """The kinds of access of scopes of this source."""
    return [one for one in ACCESS.values() if one.source == source]
