"""The Microsoft half of the demo: the fictional company's tenant and subscriptions, reached without a socket.

The collectors are those that serve a real company; only what carries their requests, and the pauses between them, are
the test cloud's. Tokens come from its token endpoint, which is down for a weekend.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from observant.evidence.snapshot import Snapshot
from observant.model.scope import Scope

if TYPE_CHECKING:
    from observant.collect.microsoft.identity import Token
    from observant.collect.microsoft.window import LastRead


class TenantYear:
    """The tenant living through the year, and the reader in it."""

    def __init__(self) -> None:
        import httpx2

        from observant.collect.microsoft.clouds import CLOUDS
        from observant.collect.microsoft.pace import Pace
        from observant.collect.microsoft.session import MicrosoftSession, http_client
        from observant_clouds.company_tenant import CompanyTenant
        from observant_clouds.microsoft import wsgi

        self._played = CompanyTenant()
        self._tenant = self._played.tenant
        self._client = http_client(httpx2.WSGITransport(app=wsgi(self._played.service)))
        self._login = CLOUDS["global"].login
        pace = Pace(lambda: 0.0, lambda _: None)
        self._session = MicrosoftSession(CLOUDS["global"], self._token, self._client, pace, self._now)
        self._complete: dict[tuple[str, str], datetime] = {}
        """Scope and collection -> when it was last read completely."""

    def _now(self) -> datetime:
        now: datetime = self._tenant.now
        return now

    def read(self, moment: datetime) -> Iterator[Snapshot]:
        """Live until the moment, then read the subscriptions and the tenant."""
        from observant.collect.azure import collect_subscription, groups_in
        from observant.collect.entra import collect_tenant

        self._played.live_until(moment)
        groups: set[str] = set()
        for subscription in self._tenant.objects["subscriptions"]:
            last = self._last_read(str(Scope("azure", subscription)))
            snapshot = collect_subscription(self._session, subscription, self._now, last_read=last, demo=True)
            groups |= groups_in(snapshot.collections)
            yield self._noted(snapshot)
        tenant = self._tenant.tenant_id
        yield self._noted(
            collect_tenant(
                self._session,
                tenant,
                self._now,
                also_groups=frozenset(groups),
                last_read=self._last_read(str(Scope("entra", tenant))),
                demo=True,
            )
        )

    def _noted(self, snapshot: Snapshot) -> Snapshot:
        complete = {one.name for one in snapshot.collections if one.gap is None}
        self._complete |= dict.fromkeys(((snapshot.scope, name) for name in complete), snapshot.started)
        return snapshot

    def _last_read(self, scope: str) -> "LastRead":
        return lambda collection: self._complete.get((scope, collection))

    def _token(self, scope: str, claims: str) -> "Token":
        """What azure-identity does with a real tenant: client credentials in, a token out. Raises Unread."""
        from observant.collect.microsoft.identity import Token
        from observant.collect.unread import Unread
        from observant.evidence.snapshot import GapReason

        credentials = self._played.service.credentials()
        form = {
            "grant_type": "client_credentials",
            "client_id": credentials["client_id"],
            "client_secret": credentials["client_secret"],
            "scope": scope,
            **({"claims": claims} if claims else {}),
        }
        answer = self._client.post(f"{self._login}/{credentials['tenant_id']}/oauth2/v2.0/token", data=form)
        if answer.status_code != 200:
            raise Unread(GapReason.FAILED, f"login: HTTP {answer.status_code}", f"HTTP {answer.status_code}")
        given = answer.json()
        return Token(given["access_token"], self._now().timestamp() + given["expires_in"])
