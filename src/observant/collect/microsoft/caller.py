"""Who called, as evidence names it."""

from observant.evidence.snapshot import Json


def caller_of(claims: Json) -> str:
    """Application and tenant in a token; a token that cannot be read names nobody, which is said."""
    application = claims.get("appid") or claims.get("azp")
    who = f"application {application}" if application else str(claims.get("upn") or "caller named by no token")
    tenant = claims.get("tid")
    return f"{who} of tenant {tenant}" if tenant else who


def permissions_of(claims: Json) -> frozenset[str]:
    """Application permissions that a token grants."""
    roles = claims.get("roles")
    return frozenset(one for one in roles if isinstance(one, str)) if isinstance(roles, list) else frozenset()
