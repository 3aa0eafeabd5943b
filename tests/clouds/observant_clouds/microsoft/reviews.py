"""Access reviews: definitions, the times they ran, and what reviewers decided."""

from collections.abc import Iterable, Mapping
from typing import Any

from observant_clouds.microsoft.state import Json, State, When

EVERYBODY = "00000000-0000-0000-0000-000000000000"


class Reviews(State):
    """The part of a tenant that is access reviews."""

    def access_review(
        self,
        name: str,
        *,
        group: str | None = None,
        guests_only: bool = False,
        reviewers: tuple[str, ...] = (),
        created: When = 300,
        by: str | None = None,
        **settings: Any,
    ) -> str:
        """Define a review of a group's members, or of the guests in all groups. Answers the definition's id."""
        one: Json = {
            "id": self.guid("review", name),
            "displayName": name,
            "createdDateTime": self.at(created),
            "lastModifiedDateTime": self.at(created),
            "status": "InProgress",
            "descriptionForAdmins": "",
            "descriptionForReviewers": "",
            "createdBy": self._identity(by),
            "scope": self._scope(group, guests_only),
            "instanceEnumerationScope": None if group else _query("/groups?$filter=(groupTypes/any(c:c+eq+'Unified'))"),
            "reviewers": [_query(f"/users/{each}") for each in self.ids(reviewers, "users")],
            "fallbackReviewers": [],
            "stageSettings": [],
            "settings": {
                "mailNotificationsEnabled": True,
                "reminderNotificationsEnabled": True,
                "justificationRequiredOnApproval": True,
                "defaultDecisionEnabled": False,
                "defaultDecision": "None",
                "instanceDurationInDays": 14,
                "autoApplyDecisionsEnabled": True,
                "recommendationsEnabled": True,
                "recurrence": None,
                "applyActions": [{"@odata.type": "#microsoft.graph.removeAccessApplyAction"}],
                **settings,
            },
            "additionalNotificationRecipients": [],
        }
        return str(self.keep("accessReviews", name, one)["id"])

    def review_instance(
        self,
        review: str,
        start: When,
        end: When,
        decisions: Mapping[str, str] | None = None,
        *,
        reviewer: str | None = None,
        decided: When = None,
        applied: bool = True,
        justification: str = "",
    ) -> str:
        """One run that is over: `decisions` by principal are `Approve`, `Deny`, `DontKnow` or `NotReviewed`.

        `decided` is when (None: at the end). Not `applied`: the run is completed and nothing came of it. Its id.
        """
        id_ = self.start_review(review, list(decisions or {}), end, start=start)
        moment = end if decided is None else decided
        for who, decision in (decisions or {}).items():
            if decision != "NotReviewed":
                self.decide(id_, who, decision, reviewer=reviewer, when=moment, justification=justification)
        self.end_review(id_, when=end, applied=applied)
        return id_

    def start_review(self, review: str, principals: Iterable[str], end: When, *, start: When = None) -> str:
        """Begin a run over these principals, about whom nothing is decided yet. Answers its id."""
        definition = self.find("accessReviews", review)
        id_ = self.guid("review instance", definition["id"], self.at(start))
        self.objects["accessReviewInstances"].setdefault(definition["id"], {})[id_] = {
            "id": id_,
            "startDateTime": self.at(start),
            "endDateTime": self.at(end),
            "status": "InProgress",
            "scope": definition["scope"],
            "reviewers": definition["reviewers"],
            "fallbackReviewers": [],
        }
        items = [self._item(id_, definition, who) for who in principals]
        self.objects["accessReviewDecisions"][id_] = {each["id"]: each for each in items}
        return id_

    def decide(
        self,
        instance: str,
        who: str,
        decision: str,
        *,
        reviewer: str | None = None,
        when: When = None,
        justification: str = "",
    ) -> None:
        """A reviewer decides about one principal of a run."""
        item = self.objects["accessReviewDecisions"][instance][self.guid("decision", instance, self.id_of(who))]
        item.update(
            decision=decision,
            justification=justification,
            reviewedBy=self._identity(reviewer),
            reviewedDateTime=self.at(when),
        )

    def end_review(self, instance: str, *, when: When = None, applied: bool = True) -> None:
        """End a run and carry out what was decided, or not."""
        held = next(each for each in self.objects["accessReviewInstances"].values() if instance in each)
        held[instance]["status"] = "Applied" if applied else "Completed"
        for item in self.objects["accessReviewDecisions"][instance].values():
            if applied and item["decision"] != "NotReviewed":
                item.update(applyResult="AppliedSuccessfully", appliedDateTime=self.at(when))

    def _item(self, instance: str, definition: Json, who: str) -> Json:
        principal = self.id_of(who)
        kind = self.kind_of(principal)
        known = self.objects[kind].get(principal) if kind else None
        word = "servicePrincipalIdentity" if kind == "servicePrincipals" else "userIdentity"
        identity = {
            "@odata.type": f"#microsoft.graph.{word}",
            "id": principal,
            "displayName": known["displayName"] if known else who,
            **({"userPrincipalName": known["userPrincipalName"]} if known and kind == "users" else {}),
        }
        return {
            "id": self.guid("decision", instance, principal),
            "accessReviewId": instance,
            "reviewedDateTime": None,
            "decision": "NotReviewed",
            "justification": "",
            "appliedDateTime": None,
            "applyResult": "New",
            "recommendation": "NoInfoAvailable",
            "reviewedBy": _NOBODY,
            "appliedBy": _NOBODY,
            "principal": identity,
            "principalLink": f"https://graph.microsoft.com/v1.0/users/{principal}",
            "resource": self._resource(definition),
            "resourceLink": None,
        }

    def _resource(self, definition: Json) -> Json:
        group = definition["scope"]["query"].split("/")[2] if "/groups/" in definition["scope"]["query"] else EVERYBODY
        known = self.objects["groups"].get(group)
        return {"id": group, "displayName": known["displayName"] if known else "", "type": "group"}

    def _scope(self, group: str | None, guests_only: bool) -> Json:
        members = f"/groups/{self.id_of(group, 'groups')}/transitiveMembers" if group else "./members"
        if guests_only:
            return _query(f"{members}/microsoft.graph.user/?$count=true&$filter=(userType eq 'Guest')")
        return _query(members)

    def _identity(self, name: str | None) -> Json:
        if name is None:
            return _NOBODY
        user = self.find("users", name)
        return {
            "id": user["id"],
            "displayName": user["displayName"],
            "ipAddress": None,
            "userPrincipalName": user["userPrincipalName"],
        }


_NOBODY: Json = {"id": EVERYBODY, "displayName": "", "ipAddress": None, "userPrincipalName": ""}


def _query(text: str) -> Json:
    return {
        "@odata.type": "#microsoft.graph.accessReviewQueryScope",
        "query": text,
        "queryType": "MicrosoftGraph",
        "queryRoot": None,
    }
