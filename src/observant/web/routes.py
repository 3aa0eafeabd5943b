"""Every address, and who may open it."""

from observant.web.access import Route
from observant.web.entrance.routes import ENTRANCE
from observant.web.pages import (
    accounts,
    check,
    control,
    evidence,
    exceptions,
    packages,
    readiness,
    reviewing,
    reviews,
    search,
    sources,
    style,
    welcome,
)
from observant.web.visitors import ADMINS, ANYBODY, DECIDERS, READERS, SIGNED_IN, STAFF

ROUTES = (
    Route("style", "style/<slug:name>.css", style.style, reads=ANYBODY),
    Route("icon", "favicon.ico", style.icon, reads=ANYBODY),
    *ENTRANCE,
    Route("welcome", "welcome/<slug:token>", welcome.welcome, reads=ANYBODY, writes=ANYBODY),
    Route("home", "", readiness.home, reads=SIGNED_IN),
    Route("readiness", "readiness", readiness.readiness, reads=READERS),
    Route("control", "controls/<path:name>", control.control, reads=READERS),
    Route("check", "checks/<slug:name>", check.check, reads=READERS),
    Route("exceptions", "exceptions", exceptions.exceptions, reads=READERS),
    Route("exception", "exceptions/<slug:key>", exceptions.exception, reads=READERS),
    Route("evidence", "evidence", evidence.evidence, reads=READERS),
    Route("record", "evidence/<int:index>", evidence.record, reads=READERS),
    Route("object", "evidence/<int:index>/objects/<slug:sha256>", evidence.shown_object, reads=READERS),
    Route("raw", "evidence/<int:index>/objects/<slug:sha256>.json", evidence.raw, reads=READERS),
    Route("collection", "evidence/<int:index>/<str:name>", evidence.collection, reads=READERS),
    Route("sources", "sources", sources.sources, reads=READERS),
    Route("search", "search", search.search, reads=READERS),
    Route("member", "member", search.member, reads=READERS),
    Route("packages", "packages", packages.packages, reads=READERS, writes=STAFF),
    Route("package-verify", "packages/<slug:name>/verify", packages.verified, writes=STAFF),
    Route("package-download", "packages/<slug:name>.zip", packages.download, reads=READERS),
    Route("reviews", "reviews", reviews.reviews, reads=SIGNED_IN),
    Route("review", "reviews/<str:name>", reviews.review, reads=READERS),
    Route("review-items", "reviews/<str:name>/items", reviewing.items, reads=DECIDERS, writes=DECIDERS),
    Route("accounts", "accounts", accounts.accounts, reads=ADMINS, writes=ADMINS),
    Route("account-switch", "accounts/<int:number>/switch", accounts.switch, writes=ADMINS),
    Route("account-reset", "accounts/<int:number>/reset", accounts.reset, writes=ADMINS),
    Route("visits", "visits", accounts.visits, reads=STAFF),
)
