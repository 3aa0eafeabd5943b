"""The package: built and verified by staff, taken by an auditor whose period it lies in."""

import io
import shutil
import zipfile
from collections.abc import Iterator
from datetime import date

import pytest

from web.conftest import Site

NAME = "2026-03-01_2026-03-03"


@pytest.fixture
def built(site: Site) -> Iterator[Site]:
    from observant.web.board import board

    looking_back = board().clock
    board().clock = board().real
    sent = site.visitor("compliance").post("/packages", {"first": "2026-03-01", "last": "2026-03-03"})
    board().clock = looking_back
    assert 302 == sent.status_code, sent.content
    yield site
    shutil.rmtree(site.root / "packages")


def test_a_package_is_built_verified_and_taken(built: Site) -> None:
    auditor = built.visitor("auditor")

    assert "Intact" in built.visitor("admin").post(f"/packages/{NAME}/verify").content.decode()
    taken = auditor.get(f"/packages/{NAME}.zip")
    with zipfile.ZipFile(io.BytesIO(b"".join(taken.streaming_content))) as archive:
        names = archive.namelist()

    assert f"{NAME}/verify.sh" in names
    assert all(not one.startswith("/") and ".." not in one.split("/") for one in names)


def test_a_damaged_package_is_named(built: Site) -> None:
    file = built.root / "packages" / f"{NAME}.zip"
    with zipfile.ZipFile(file) as archive:
        members = {one: archive.read(one) for one in archive.namelist()}
    changed = next(one for one in members if one.endswith("exceptions.csv"))
    members[changed] += b"x"
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)

    page = built.visitor("admin").post(f"/packages/{NAME}/verify").content.decode()

    assert "Damaged" in page
    assert "exceptions.csv" in page


def test_a_package_of_another_period_is_not_there_for_an_auditor(built: Site) -> None:
    from observant.web.state.models import Account

    account = Account.objects.get(email="auditor@example.com")
    account.last = date(2026, 3, 2)
    account.save()
    try:
        client = built.visitor("auditor")
        assert 404 == client.get(f"/packages/{NAME}.zip").status_code
        assert NAME not in client.get("/packages").content.decode()
    finally:
        account.last = date(2026, 3, 3)
        account.save()


@pytest.mark.parametrize("days", [{}, {"first": "2026-03-03", "last": "2026-03-01"}, {"first": "../x", "last": "y"}])
def test_what_is_no_period_builds_nothing(site: Site, days: dict[str, str]) -> None:
    assert 422 == site.visitor("admin").post("/packages", days).status_code
    assert not (site.root / "packages").exists()


def test_a_server_that_looks_back_writes_nothing(site: Site) -> None:
    sent = site.visitor("admin").post("/packages", {"first": "2026-03-01", "last": "2026-03-03"})

    assert 422 == sent.status_code
    assert "looks back" in sent.content.decode()
