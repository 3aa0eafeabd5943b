"""Every address, and who may open it."""

from observant.web.access import Route
from observant.web.pages import accounts, check, control, exceptions, readiness, reviewing, reviews, sign_in, style
from observant.web.visitors import ADMINS, ANYBODY, DECIDERS, READERS, SIGNED_IN, STAFF

ROUTES = (
    Route("style", "style/<slug:name>.css", style.style, reads=ANYBODY),
    Route("icon", "favicon.ico", style.icon, reads=ANYBODY),
    Route("sign-in", "sign-in", sign_in.sign_in, reads=ANYBODY, writes=ANYBODY),
    Route("sign-out", "sign-out", sign_in.sign_out, writes=SIGNED_IN),
    Route("welcome", "welcome/<slug:token>", sign_in.welcome, reads=ANYBODY, writes=ANYBODY),
    Route("home", "", readiness.home, reads=SIGNED_IN),
    Route("readiness", "readiness", readiness.readiness, reads=READERS),
    Route("control", "controls/<path:name>", control.control, reads=READERS),
    Route("check", "checks/<slug:name>", check.check, reads=READERS),
    Route("exceptions", "exceptions", exceptions.exceptions, reads=READERS),
    Route("exception", "exceptions/<slug:key>", exceptions.exception, reads=READERS),
    Route("reviews", "reviews", reviews.reviews, reads=SIGNED_IN),
    Route("review", "reviews/<str:name>", reviews.review, reads=READERS),
    Route("review-items", "reviews/<str:name>/items", reviewing.items, reads=DECIDERS, writes=DECIDERS),
    Route("accounts", "accounts", accounts.accounts, reads=ADMINS, writes=ADMINS),
    Route("account-switch", "accounts/<int:number>/switch", accounts.switch, writes=ADMINS),
    Route("visits", "visits", accounts.visits, reads=STAFF),
)
