"""The Trust Services Criteria that access evidence can support: ids, and what each is about in our own words.

The criteria text is the AICPA's and is not shipped. Which check supports which criterion is said at the check; where
readers disagree (the article reads CC6.2 as authentication strength, the criteria put registration and removal of users
there) a check carries every criterion it honestly supports.
"""

CRITERIA: dict[str, str] = {
    "CC4.1": "somebody keeps looking whether controls are there and work",
    "CC5.3": "policies are written down and put into practice",
    "CC6.1": "access to systems and data is restricted and authenticated",
    "CC6.2": "users are registered and authorised before they get access, and removed when it ends",
    "CC6.3": "what a user may do follows from duties, is kept minimal, and is changed when duties change",
    "CC6.6": "access from outside is protected more strongly",
    "CC7.1": "changes to configuration and new weaknesses are noticed",
    "CC7.2": "what happens on the systems is recorded and watched",
    "CC7.3": "what was noticed is judged and followed up",
    "CC8.1": "changes are requested, approved, tested and carried out under control",
}
