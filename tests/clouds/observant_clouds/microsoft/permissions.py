"""The application permissions that open each Graph path: any one of them is enough.

https://learn.microsoft.com/graph/permissions-reference; the least privileged ones also stand in the published
permissions file, against which the tests compare.
"""

DIRECTORY = "Directory.Read.All"
APPLICATIONS = ("Application.Read.All", DIRECTORY)
GROUPS = ("GroupMember.Read.All", "Group.Read.All", "Group.ReadBasic.All", "GroupMember.ReadBasic.All", DIRECTORY)
USERS = ("User.Read.All", "User.ReadBasic.All", DIRECTORY)
ROLES = ("RoleManagement.Read.Directory", "RoleManagement.Read.All", DIRECTORY)
POLICIES = ("Policy.Read.All",)
AUTHENTICATION_METHODS = ("Policy.Read.AuthenticationMethod", "Policy.Read.All")
CONTEXTS = ("AuthenticationContext.Read.All", "Policy.Read.All", "Policy.Read.ConditionalAccess")
LOGS = ("AuditLog.Read.All",)
REVIEWS = ("AccessReview.Read.All",)
LICENCES = ("LicenseAssignment.Read.All", "Organization.Read.All", DIRECTORY)
ORGANIZATION = ("Organization.Read.All", DIRECTORY)
ASSIGNMENT_SCHEDULES = (
    "RoleAssignmentSchedule.Read.Directory",
    "RoleManagement.Read.Directory",
    "RoleManagement.Read.All",
)
ELIGIBILITY_SCHEDULES = (
    "RoleEligibilitySchedule.Read.Directory",
    "RoleManagement.Read.Directory",
    "RoleManagement.Read.All",
)
ROLE_POLICIES = ("RoleManagementPolicy.Read.Directory", "RoleManagement.Read.Directory", "RoleManagement.Read.All")
GROUP_POLICIES = ("RoleManagementPolicy.Read.AzureADGroup", "RoleManagement.Read.All")
GROUP_ASSIGNMENTS = ("PrivilegedAssignmentSchedule.Read.AzureADGroup", "PrivilegedAccess.Read.AzureADGroup")
GROUP_ELIGIBILITIES = ("PrivilegedEligibilitySchedule.Read.AzureADGroup", "PrivilegedAccess.Read.AzureADGroup")

HIDDEN_MEMBERS = "Member.Read.Hidden"

RECOMMENDED = frozenset(
    {
        "AccessReview.Read.All",
        "Application.Read.All",
        "AuditLog.Read.All",
        "GroupMember.Read.All",
        "LicenseAssignment.Read.All",
        "Member.Read.Hidden",
        "Organization.Read.All",
        "Policy.Read.All",
        "PrivilegedAssignmentSchedule.Read.AzureADGroup",
        "PrivilegedEligibilitySchedule.Read.AzureADGroup",
        "RoleAssignmentSchedule.Read.Directory",
        "RoleEligibilitySchedule.Read.Directory",
        "RoleManagement.Read.Directory",
        "RoleManagementPolicy.Read.AzureADGroup",
        "User.Read.All",
    }
)
"""What an application needs to read everything that is served here."""
