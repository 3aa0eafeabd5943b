"""The addresses as Django wants them."""

from django.urls import path

from observant.web.access import guarded
from observant.web.routes import ROUTES

urlpatterns = [path(route.path, guarded(route), name=route.name) for route in ROUTES]

handler403 = "observant.web.pages.refusals.forbidden"
handler404 = "observant.web.pages.refusals.missing"
