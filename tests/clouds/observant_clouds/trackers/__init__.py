"""Trackers on test: GitHub, Jira Cloud and Data Center, and ServiceNow, as WSGI applications that only answer `GET`.

Each holds a few things in the vendor's own shape and answers pages, filters and refusals like the vendor does. What is
asked is noted, so that a test can tell what was sent. GitHub's things are made from GitHub's published examples.
"""

from observant_clouds.trackers.github import GitHub
from observant_clouds.trackers.jira import Jira
from observant_clouds.trackers.servicenow import ServiceNow

__all__ = ["GitHub", "Jira", "ServiceNow"]
