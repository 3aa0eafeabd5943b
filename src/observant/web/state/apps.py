"""The Django application."""

from django.apps import AppConfig


class StateConfig(AppConfig):
    name = "observant.web.state"
    label = "state"
