"""Of an AWS organization: who gets into which account through Identity Center."""

from observant.reviews.kinds.parts import MANAGER, assembled

_ASSIGNMENT = """
    select who.scope, who.member,
           coalesce(them.user_name, crowd.name, who.principal, 'somebody who was not shown') || ' with '
             || coalesce(given.name, 'a permission set') || ' in account ' || coalesce(who.account, '?') as label,
           coalesce(them.user_name, '') as person,
           list_concat(
             ['signs in to account ' || coalesce(who.account, '?') || ' with ' || coalesce(given.name, '?')
              || case when who.principal_kind = 'group' then ', as the group ' || coalesce(crowd.name, who.principal)
                      else '' end],
             (select list(distinct 'for ' || coalesce(way.person_name, way.person, 'somebody who was not shown')
                          || case when way.enabled then '' when way.enabled is null then ' (enabled: not known)'
                                  else ' (disabled)' end)
              from now_organization_person_access as way
              where way.scope = who.scope and way.account = who.account and way.permission_set = who.permission_set
                and who.principal_kind = 'group' and starts_with(way.member, who.member || ' '))) as privileges,
           (select list({'name': coalesce(policy.policy, policy.policy_kind),
                         'document': coalesce(policy.document, kept.document)})
            from now_organization_permission_set_policy as policy
            left join now_organization_managed_policy as kept
              on kept.scope = policy.scope and kept.member = policy.policy
            where policy.scope = who.scope and policy.permission_set = who.permission_set) as policies,
           (select list(distinct case when way.administrator then 'is an administrator of account ' || way.account
                                      else 'administrator or not: cannot be known' end)
            from now_organization_person_access as way
            where way.scope = who.scope and way.account = who.account and way.permission_set = who.permission_set
              and way.administrator is not false) as escalations,
           list_concat(
             (select list(distinct coalesce(member.email, member.user_name))
              from now_organization_membership as inside
              join now_organization_person as member on member.scope = inside.scope and member.member = inside.person
              where inside.scope = who.scope and inside.group_id = who.principal),
             [coalesce(them.email, them.user_name)]) as holders,
           {manager} as manager,
           null::timestamp as last_used
    from now_organization_assignment as who
    left join now_organization_person as them on them.scope = who.scope and them.member = who.principal
    left join now_organization_group as crowd on crowd.scope = who.scope and crowd.member = who.principal
    left join now_organization_permission_set as given
      on given.scope = who.scope and given.member = who.permission_set
"""

QUERIES = {"organization-assignment": assembled(_ASSIGNMENT, manager=MANAGER, email="them.email")}
