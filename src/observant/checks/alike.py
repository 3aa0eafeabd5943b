"""Questions that are asked of several sources in the same words: SQL for the checks of each."""


def weakened(coverage: str, promised: str) -> str:
    """A category of log no longer reaches a destination it reached, or is kept for less time: an event of a day."""
    return f"""
        select cover.scope, cover.member, cover.label, during(cover, promised),
               regexp_matches(cover.category, promised.categories) as applies,
               case when cover.earlier_days is null then timestamp '9999-12-31'
                    when cover.kept_days < cover.earlier_days and not cover.unclear then cover.valid_from
                    when cover.removed <> '' and not cover.unread then cover.valid_from
                    when cover.kept_days < cover.earlier_days or cover.unread then null
                    else timestamp '9999-12-31' end as violated_from,
               case when cover.kept_days < cover.earlier_days or cover.removed <> ''
                    then cover.valid_from + interval '1 day' else timestamp '9999-12-31' end as violated_to,
               'before: ' || cast(cover.earlier_days as varchar) || ' days in '
                 || replace(cover.earlier_sinks, chr(10), ', ')
                 || case when cover.removed = '' then ''
                         else '; no longer sent to ' || replace(cover.removed, chr(10), ', ') end
                 || '; after: ' || cover.because as because
        from {coverage} as cover
        join {promised} as promised on overlaps(cover, promised)
    """  # noqa: S608 (names of our own tables)


def happened_in(whole: str, events: str, at: str, why: str, when: str) -> str:
    """Events that fail what they happened in, for a day from the moment `at` on. `told` is the event."""
    return f"""
        select whole.scope, whole.member, whole.label, during(whole), true as applies,
               timestamp '9999-12-31' as violated_from, timestamp '9999-12-31' as violated_to, '' as because
        from {whole} as whole
        union all
        select whole.scope, whole.member, whole.label, during(whole), true,
               {at}, {at} + interval '1 day',
               {why}
        from {whole} as whole
        join {events} as told on told.scope = whole.scope
        where {when}
    """  # noqa: S608 (names of our own tables)


def event_loss(whole: str, events: str) -> str:
    """A stretch of a provider's log that nobody read before it was forgotten."""
    why = (
        "told.log || ': events from ' || cast(told.lost_from as varchar) || ' to '\n"
        "                 || cast(told.lost_to as varchar) || ' were never read'"
    )
    return happened_in(whole, events, "told.valid_from", why, "told.lost_from is not null")


def setting_removed(whole: str, events: str) -> str:
    """A log setting that somebody deleted."""
    why = "'deleted by ' || coalesce(told.actor, 'somebody') || ': ' || told.setting"
    return happened_in(whole, events, "told.happened_at", why, "told.action = 'delete'")


ACTIVATED_TOO_LONG = """timestamp '2000-01-01' + gate.activation_max_minutes * interval '1 minute'
                 > timestamp '2000-01-01' + promised.max_activation"""
"""Whether rules allow a longer activation than documented. `gate`: of activation, `promised`: role_activation."""

LONGEST_ACTIVATION = """'an activation may last ' || cast(gate.activation_max_minutes as varchar)
                 || ' minutes, documented are ' || promised.max_activation_in_words"""

ACTIVATED_TOO_EASILY = """case when promised.documented then
                 (coalesce(promised.approval, false) and not gate.activation_requires_approval)
                 or (coalesce(promised.mfa, false)
                     and not (gate.activation_requires_mfa or gate.activation_context <> ''))
                 or (coalesce(promised.justification, false) and not gate.activation_requires_justification)
                 or (coalesce(promised.ticket, false) and not gate.activation_requires_ticket) end"""
"""Whether rules ask for less than documented. `gate`: of activation, `promised`: role_activation."""

ASKED_OF_ACTIVATION = """'asks for '
                 || case when gate.activation_requires_approval then 'approval' else 'no approval' end
                 || case when gate.activation_requires_mfa then ', multi-factor authentication'
                         when gate.activation_context <> '' then ', authentication context ' || gate.activation_context
                         else ', no multi-factor authentication' end
                 || case when gate.activation_requires_justification then ', a justification'
                         else ', no justification' end
                 || case when gate.activation_requires_ticket then ', a ticket' else '' end"""

IMPROPERLY_OWNED = """case when not promised.documented then null
                    when app.people > 0 and not coalesce(promised.people, false) then true
                    when app.owners > 0 and (coalesce(promised.people, false) or not app.unseen) then false
                    when app.unseen then null
                    else true end"""
"""Whether an application has no owner, or one who may not be one. `app`, and `promised`: application_owners."""

OWNED_BY = """'holds ' || app.roles || '; '
                 || case when app.owners = 0 then 'no owner' else 'owned by ' || app.owner_names end
                 || case when app.unseen then ', and not all owners could be read' else '' end"""


def leaves(access: str) -> str:
    """Who left has no working access after the documented time."""
    return f"""
        select held.scope, held.member, held.label, during(held, promised),
               held.ends_at is not null as applies,
               case when promised.documented and held.working = false then timestamp '9999-12-31'
                    when promised.documented then least(held.ends_at + promised.within, due.ends_at)
               end as violated_from,
               case when held.working then 'left ' || cast(held.ends_at as varchar) || ' UTC and '
                                           || held.identities || ' still works'
                    when not held.working then 'left ' || cast(held.ends_at as varchar)
                                               || ' UTC, without working access since '
                                               || cast(held.valid_from as varchar)
                    else 'left ' || cast(held.ends_at as varchar) || ' UTC; whether access works is not known'
               end as because
        from {access} as held
        join commitment_leaver_removal as promised on overlaps(held, promised)
        left join people_workday as due
          on due.scope = held.scope and due.number = held.ended_workday + promised.business_days
    """  # noqa: S608 (names of our own tables)


def early(access: str) -> str:
    """Nobody has working access before their first day."""
    return f"""
        select held.scope, held.member, held.label, during(held),
               held.starts_at is not null as applies,
               case when held.working is not null then held.earliest end as violated_from,
               case when held.working then least(held.valid_to, held.starts_at) else held.earliest end as violated_to,
               'starts ' || cast(held.starts_at as varchar) || ' UTC'
                 || case when held.working then ', ' || held.identities || ' works' else '' end as because
        from {access} as held
    """  # noqa: S608 (names of our own tables)


def kept_by_mover(grants: str) -> str:
    """Who changed department does not hold what was granted before, after the documented time."""
    return f"""
        select held.scope, held.member, held.label, during(held, promised),
               held.moved_at is not null
                 and not coalesce(regexp_matches(held.grant_name, promised.common), false) as applies,
               case when not promised.documented then null
                    when held.grant_name is null or held.granted_after >= held.moved_at
                    then timestamp '9999-12-31'
                    when held.granted_by <= held.moved_at then held.moved_at + promised.within
               end as violated_from,
               'changed department on ' || cast(held.moved_at as varchar) || ' UTC'
                 || coalesce('; ' || held.grant_name || ' of ' || held.account || ' was there by '
                             || cast(held.granted_by as varchar), '') as because
        from {grants} as held
        join commitment_mover_access as promised on overlaps(held, promised)
    """  # noqa: S608 (names of our own tables)


def kept_for_return(grants: str) -> str:
    """Who comes back does not find what they held before."""
    return f"""
        select held.scope, held.member, held.label, during(held),
               held.earlier_end is not null and held.earlier_end <= held.starts_at as applies,
               case when held.grant_name is null or held.granted_after >= held.earlier_end
                    then timestamp '9999-12-31'
                    when held.granted_by <= held.earlier_end then held.starts_at
               end as violated_from,
               'left on ' || cast(held.earlier_end as varchar) || ' UTC and came back on '
                 || cast(held.starts_at as varchar) || ' UTC'
                 || coalesce('; ' || held.grant_name || ' of ' || held.account || ' was there by '
                             || cast(held.granted_by as varchar), '') as because
        from {grants} as held
    """  # noqa: S608 (names of our own tables)
