"""
The object types this org knows, with the field names of the Object Reference.

Source: Object Reference for Salesforce and Tooling API guide (v62 to v68), read 2026-11-21.
"""

from functools import cache

from sandbox.salesforce.schema import SObject, parse

PERMISSIONS = (
    "ApiEnabled",
    "ApiUserOnly",
    "AssignPermissionSets",
    "AuthorApex",
    "CanApproveUninstalledApps",
    "CustomizeApplication",
    "ManageCertificates",
    "ManageInternalUsers",
    "ManageProfilesPermissionsets",
    "ManageSessionPermissionSets",
    "ManageUsers",
    "ModifyAllData",
    "ModifyMetadata",
    "MonitorLoginHistory",
    "PasswordNeverExpires",
    "ResetPasswords",
    "TwoFactorApi",
    "ViewAllData",
    "ViewAllUsers",
    "ViewSetup",
)

_OBJECTS = """
Organization 00D uqr
  Id id
  Name string(80)
  OrganizationType picklist(40)
  InstanceName picklist(5)
  IsSandbox boolean
  TrialExpirationDate datetime
  TimeZoneSidKey picklist(40)
  LanguageLocaleKey picklist(40)
  DefaultLocaleSidKey picklist(40)
  NamespacePrefix string(15)
  CreatedDate datetime

User 005 cuqr both
  Id id
  Username string(80) cu!
  LastName string(80) cu!
  Email email(128) cu!
  Alias string(8) cu!
  TimeZoneSidKey picklist(40) cu!
  LocaleSidKey picklist(40) cu!
  EmailEncodingKey picklist(40) cu!
  ProfileId reference cu! -> Profile Profile
  LanguageLocaleKey picklist(40) cu!
  FirstName string(40) cu
  Name string(121)
  CommunityNickname string(40) cu
  Title string(80) cu
  Department string(80) cu
  CompanyName string(80) cu
  EmployeeNumber string(20) cu
  FederationIdentifier string(512) cu
  IsActive boolean cu
  UserType picklist(40)
  UserRoleId reference cu -> UserRole
  ManagerId reference cu -> User Manager
  DelegatedApproverId reference cu -> User
  LastLoginDate datetime
  LastPasswordChangeDate datetime
  PasswordExpirationDate datetime
  NumberOfFailedLogins int
  HasUserVerifiedEmail boolean
  CreatedDate datetime
  CreatedById reference -> User CreatedBy
  LastModifiedDate datetime
  LastModifiedById reference -> User LastModifiedBy
  SystemModstamp datetime

UserLogin 0Yw uqr
  Id id
  UserId reference -> User
  IsFrozen boolean u
  IsPasswordLocked boolean u
  LastModifiedDate datetime
  LastModifiedById reference -> User LastModifiedBy

UserLicense 100 qr both
  Id id
  Name string(40)
  MasterLabel string(40)
  LicenseDefinitionKey string(40)
  Status picklist(40)
  TotalLicenses int
  UsedLicenses int
  UsedLicensesLastUpdated datetime
  CreatedDate datetime
  LastModifiedDate datetime
  SystemModstamp datetime

Profile 00e cudqr both
  Id id
  Name string(255) cu!
  Description string(255) cu
  UserLicenseId reference c! -> UserLicense UserLicense
  UserType picklist(40)
  CreatedDate datetime
  CreatedById reference -> User CreatedBy
  LastModifiedDate datetime
  LastModifiedById reference -> User LastModifiedBy
  SystemModstamp datetime
  ...permissions

PermissionSet 0PS cudqr both
  Id id
  Name string(80) cu!
  Label string(80) cu!
  Description string(255) cu
  LicenseId reference c -> UserLicense,PermissionSetLicense License
  ProfileId reference -> Profile Profile
  IsOwnedByProfile boolean
  IsCustom boolean
  Type picklist(40)
  NamespacePrefix string(15)
  CreatedDate datetime
  CreatedById reference -> User CreatedBy
  LastModifiedDate datetime
  LastModifiedById reference -> User LastModifiedBy
  SystemModstamp datetime
  ...permissions

PermissionSetAssignment 0Pa cudqr
  Id id
  AssigneeId reference c! -> User Assignee
  PermissionSetId reference c! -> PermissionSet PermissionSet
  PermissionSetGroupId reference c -> PermissionSetGroup
  ExpirationDate datetime cu
  IsActive boolean
  SystemModstamp datetime

PermissionSetLicense 0PL qr
  Id id
  DeveloperName string(80)
  MasterLabel string(80)
  PermissionSetLicenseKey string(80)
  Status picklist(40)
  TotalLicenses int
  UsedLicenses int
  ExpirationDate date
  IsAvailableForIntegrations boolean
  CreatedDate datetime
  SystemModstamp datetime

PermissionSetLicenseAssign 2LA cdqr
  Id id
  AssigneeId reference c! -> User Assignee
  PermissionSetLicenseId reference c! -> PermissionSetLicense PermissionSetLicense
  CreatedDate datetime
  SystemModstamp datetime

SetupEntityAccess 0J0 cdqr
  Id id
  ParentId reference c! -> PermissionSet Parent
  SetupEntityId reference c! -> ConnectedApplication,ExternalClientApplication
  SetupEntityType picklist(40)
  SystemModstamp datetime

OauthToken --- q
  Id id
  AccessToken string(40) x
  RequestToken string(40) x
  DeleteToken string(100) x
  AppName string(80)
  AppMenuItemId reference -> AppMenuItem AppMenuItem
  UserId reference -> User User
  CreatedDate datetime
  LastUsedDate datetime
  UseCount int

AuthSession 0Ak dqr
  Id id
  UsersId reference -> User Users
  CreatedDate datetime
  LastModifiedDate datetime
  NumSecondsValid int
  SessionType picklist(40)
  LoginType picklist(40)
  SourceIp string(39)
  SessionSecurityLevel picklist(40)
  UserType picklist(40)
  LoginHistoryId reference -> LoginHistory LoginHistory
  LoginGeoId reference -> LoginGeo
  ParentId reference -> AuthSession
  LogoutUrl string(1500)

LoginHistory 0Ya qr
  Id id
  UserId reference -> User
  LoginTime datetime
  LoginType picklist(40)
  LoginSubType picklist(40) x
  SourceIp string(39) x
  LoginUrl string(512)
  Status string(128) x
  Application string(128) x
  Browser string(64) x
  Platform string(64) x
  ApiType string(64) x
  ApiVersion string(32) x
  ClientVersion string(64) x
  CountryIso string(3)
  LoginGeoId reference x -> LoginGeo
  AuthenticationServiceId reference -> AuthProvider
  AuthMethodReference string(128) x
  TlsProtocol picklist(40)
  CipherSuite picklist(80)
  NetworkId reference -> Network
  OptionsIsGet boolean
  OptionsIsPost boolean
  ForwardedForIp string(39) x

LoginIp 0Yu dqr
  Id id
  UsersId reference -> User Users
  SourceIp string(39)
  IsAuthenticated boolean
  ChallengeMethod picklist(40)
  ChallengeSentDate datetime
  CreatedDate datetime

ConnectedApplication 0H4 qr both
  Id id
  Name string(80)
  OptionsAllowAdminApprovedUsersOnly boolean
  OptionsHasSessionLevelPolicy boolean
  OptionsRefreshTokenValidityMetric boolean
  OptionsAppIssueJwtTokenEnabled boolean
  OptionsTokenExchangeManageBitEnabled boolean
  RefreshTokenValidityPeriod int
  UvidTimeout int
  NamedUserUvidTimeout int
  StartUrl string(1024)
  CreatedDate datetime
  CreatedById reference -> User CreatedBy
  LastModifiedDate datetime
  LastModifiedById reference -> User LastModifiedBy
  SystemModstamp datetime

ExternalClientApplication 0xI qr
  Id id
  MasterLabel string(80)
  DeveloperName string(80)
  NamespacePrefix string(15)
  DistributionState picklist(40)
  Description string(255)
  ContactEmail email(80)
  CreatedDate datetime
  CreatedById reference -> User CreatedBy
  LastModifiedDate datetime
  LastModifiedById reference -> User LastModifiedBy
  SystemModstamp datetime

ExtlClntAppOauthPlcyCnfg 0xP qr
  Id id
  ExternalClientApplicationId reference -> ExternalClientApplication ExternalClientApplication
  PermittedUsersPolicyType picklist(40)
  RefreshTokenPolicyType picklist(40)
  RefreshTokenValidityPeriod int
  RefreshTokenValidityUnit picklist(40)
  SessionTimeoutInMinutes int

AppMenuItem 0DS qr
  Id id
  Name string(80)
  Label string(120)
  Type picklist(40)
  ApplicationId reference -> ConnectedApplication,ExternalClientApplication
  SortOrder int
  IsVisible boolean
  IsAccessible boolean
  StartUrl string(1024)
  CreatedDate datetime
  CreatedById reference -> User CreatedBy

SetupAuditTrail 0Ym qr
  Id id
  Action string(40)
  Section string(80) x
  Display string(1000) x
  CreatedDate datetime
  CreatedById reference x -> User CreatedBy
  CreatedByContext string(80)
  DelegateUser string(80)
  ResponsibleNamespacePrefix string(15) x

CronJobDetail 08a qr
  Id id
  Name string(160)
  JobType picklist(40)

CronTrigger 08e qr
  Id id
  CronJobDetailId reference -> CronJobDetail CronJobDetail
  OwnerId reference -> User Owner
  CronExpression string(255)
  State picklist(16)
  NextFireTime datetime
  PreviousFireTime datetime
  StartTime datetime
  EndTime datetime
  TimesTriggered int
  TimeZoneSidKey picklist(40)
  CreatedDate datetime
  CreatedById reference -> User CreatedBy
  LastModifiedById reference -> User LastModifiedBy

AsyncApexJob 707 qr both
  Id id
  JobType picklist(40)
  ApexClassId reference -> ApexClass
  Status picklist(40)
  MethodName string(255)
  JobItemsProcessed int
  TotalJobItems int
  NumberOfErrors int
  ExtendedStatus string(1000)
  CompletedDate datetime
  CreatedDate datetime
  CreatedById reference -> User CreatedBy

Dashboard 01Z qr
  Id id
  Title string(80)
  DeveloperName string(80)
  FolderName string(256)
  Type picklist(40)
  RunningUserId reference -> User RunningUser
  CreatedDate datetime
  CreatedById reference -> User CreatedBy
  LastModifiedDate datetime
  LastModifiedById reference -> User LastModifiedBy
  SystemModstamp datetime

NamedCredential 0XA qr both
  Id id
  DeveloperName string(80)
  MasterLabel string(80)
  Endpoint string(1024)
  PrincipalType picklist(40)
  NamespacePrefix string(15)
  CreatedDate datetime
  CreatedById reference -> User CreatedBy
  LastModifiedById reference -> User LastModifiedBy

Certificate 0P1 qr only
  Id id
  DeveloperName string(80)
  MasterLabel string(80)
  ExpirationDate date
  KeySize int
  NamespacePrefix string(15)
  CertificateChain string(32000) x
  OptionsIsCaSigned boolean
  OptionsIsUnusable boolean
  OptionsPrivateKeyExportable boolean
  CreatedDate datetime
  CreatedById reference -> User CreatedBy
  LastModifiedDate datetime
  SystemModstamp datetime
"""


@cache
def catalogue() -> dict[str, SObject]:
    """Every object type of the org, by lower-case name."""
    return parse(_OBJECTS, PERMISSIONS)
