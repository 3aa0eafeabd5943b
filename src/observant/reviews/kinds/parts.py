"""Pieces that several queries share, put where `{name}` stands."""

MANAGER = """(select any_value(coalesce(boss.email, boss.label)) from now_people_person as known
            join now_people_person as boss on boss.scope = known.scope
             and (boss.member = known.manager or lower(boss.email) = lower(known.manager))
            where lower(known.email) = lower({email}))"""


def assembled(sql: str, **parts: str) -> str:
    """The text with every `{name}` replaced, later parts also inside of earlier ones."""
    for name, part in parts.items():
        sql = sql.replace(f"{{{name}}}", part)
    return sql
