"""Records and raw objects: what is there, and nothing else."""

import hashlib
import re
from datetime import date

import pytest

from web.conftest import IMAGE, Site


def first_snapshot(site: Site) -> int:
    page = site.visitor("admin").get("/evidence?kind=snapshot").content.decode()
    return min(int(one) for one in re.findall(r'href="/evidence/(\d+)"', page))


def test_from_a_record_to_the_bytes_that_were_signed_for(site: Site) -> None:
    client, index = site.visitor("auditor"), first_snapshot(site)

    record = client.get(f"/evidence/{index}").content.decode()
    assert f'href="/evidence/{index}/entra.users"' in record
    collection = client.get(f"/evidence/{index}/entra.users").content.decode()
    objects = re.findall(rf'href="(/evidence/{index}/objects/[0-9a-f]{{64}})"', collection)
    assert 6 == len(objects)
    for address in objects:
        assert 200 == client.get(address).status_code
        stored = client.get(f"{address}.json")
        assert address.rpartition("/")[2] == hashlib.sha256(stored.content).hexdigest()
        assert stored["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(
    "address",
    [
        "/evidence/99999999",
        "/evidence/3/..%2f..%2f..%2fetc%2fpasswd",
        "/evidence/3/objects/..%2fsecret.key",
        "/evidence/3/objects/0000.json",
        "/packages/..%2fweb%2fsecret.key.zip",
        "/packages/../web/state.sqlite3",
        "/style/../../web/secret.key",
        "/evidence/3/entra.nothing",
    ],
)
def test_there_is_no_way_out_of_the_log(site: Site, address: str) -> None:
    assert 404 == site.visitor("admin").get(address).status_code


def test_an_auditor_sees_no_record_beyond_their_period(site: Site) -> None:
    from observant.web.state.models import Account

    index = first_snapshot(site)
    account = Account.objects.get(email="auditor@example.com")
    account.first = account.last = date(2026, 3, 3)
    account.save()
    client = site.visitor("auditor")
    try:
        assert 404 == client.get(f"/evidence/{index}").status_code
        assert f'href="/evidence/{index}"' not in client.get("/evidence").content.decode()
        assert 200 == site.visitor("compliance").get(f"/evidence/{index}").status_code
    finally:
        account.first = date(2026, 3, 1)
        account.save()


def test_pages_of_records_lose_and_repeat_nothing(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    from observant.web.board import board

    monkeypatch.setattr("observant.web.pages.evidence.PAGE", 2)
    client, address, seen = site.visitor("admin"), "/evidence", []
    while address:
        page = client.get(address).content.decode()
        seen += [int(one) for one in re.findall(r'href="/evidence/(\d+)"', page)]
        further = re.search(r'href="(/evidence\?before=\d+)"', page)
        address = further[1] if further else ""

    assert list(reversed(range(board().now.judged.log.size))) == seen


def test_search_finds_hostile_names_and_leads_to_their_page(site: Site) -> None:
    client = site.visitor("compliance")

    page = client.get("/search", {"find": IMAGE}).content.decode()

    assert 1 == page.count('href="/member?')
    assert "<img" not in page
    assert 404 == client.get("/member", {"scope": "x", "member": "y"}).status_code
