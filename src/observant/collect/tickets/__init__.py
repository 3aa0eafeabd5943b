"""Tickets and pull requests: from exports, GitHub, Jira and ServiceNow. Nothing is ever written to any of them."""
