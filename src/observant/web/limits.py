"""How often somebody may try to sign in. Tries are counted before the password is looked at."""

import hashlib
from datetime import timedelta

from django.utils import timezone

from observant.web.state.models import Attempt

WINDOW = timedelta(minutes=15)
PER_ACCOUNT = 5
PER_ADDRESS = 30


def may_try(email: str, place: str) -> bool:
    """Count one try of an account from an address; False when one of them has had too many lately."""
    hashed = hashlib.sha256(email.encode()).hexdigest()
    Attempt.objects.filter(at__lt=timezone.now() - timedelta(days=1)).delete()
    # Written before it is counted, in a transaction of its own: of tries made at once, each sees those before it.
    own = Attempt.objects.create(email=hashed, address=place)
    recent = Attempt.objects.filter(at__gte=timezone.now() - WINDOW)
    if recent.filter(email=hashed).count() > PER_ACCOUNT or recent.filter(address=place).count() > PER_ADDRESS:
        own.delete()
        return False
    return True


def forget(email: str) -> None:
    """After a success."""
    Attempt.objects.filter(email=hashlib.sha256(email.encode()).hexdigest()).delete()
