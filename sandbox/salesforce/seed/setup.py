"""Certificates, scheduled jobs, dashboards, named credentials, the audit trail."""

from datetime import timedelta

from sandbox.salesforce.audit import note
from sandbox.salesforce.certificates import planted
from sandbox.salesforce.org import Org
from sandbox.salesforce.seed.estate import Estate
from sandbox.salesforce.stamps import day, stamp


def plant(org: Org, estate: Estate) -> None:
    """What hangs on people and dates."""
    _certificates(org, estate)
    _scheduled(org, estate)
    for entry in estate.get("dashboards", []):
        for user in org["User"].where("Username", entry["runs_as"]):
            org["Dashboard"].insert(
                {
                    "Title": entry["title"],
                    "DeveloperName": entry["title"].replace(" ", "_"),
                    "Type": "SpecifiedUser",
                    "FolderName": "Company",
                    "RunningUserId": user["Id"],
                    "CreatedById": user["Id"],
                    "CreatedDate": stamp(org.now - timedelta(days=300)),
                }
            )
    for entry in estate.get("named_credentials", []):
        for user in org["User"].where("Username", entry["by"]):
            org["NamedCredential"].insert(
                {
                    "DeveloperName": entry["name"],
                    "MasterLabel": entry["label"],
                    "Endpoint": entry["endpoint"],
                    "PrincipalType": entry["principal"],
                    "CreatedById": user["Id"],
                    "CreatedDate": stamp(org.now - timedelta(days=200)),
                }
            )
    for entry in sorted(estate.get("audit", []), key=lambda entry: -float(entry["days_ago"])):
        for user in org["User"].where("Username", entry["by"]):
            at = stamp(org.now - timedelta(days=entry["days_ago"], hours=2))
            note(org, user["Id"], entry["action"], entry["section"], entry["display"], at=at)


def _certificates(org: Org, estate: Estate) -> None:
    keys = planted("certificates")
    for entry in estate.get("certificates", []):
        ends = org.now + timedelta(days=entry["days"])
        org["Certificate"].insert(
            {
                "DeveloperName": entry["name"],
                "MasterLabel": entry["label"],
                "ExpirationDate": day(ends),
                "KeySize": 2048,
                "CertificateChain": keys.certificate(entry["name"], ends),
                "OptionsIsCaSigned": entry.get("ca_signed", False),
                "CreatedDate": stamp(ends - timedelta(days=365)),
                "CreatedById": org.administrator["Id"],
            }
        )


def _scheduled(org: Org, estate: Estate) -> None:
    for entry in estate.get("cron", []):
        for user in org["User"].where("Username", entry["owner"]):
            every = timedelta(hours=entry["every_h"])
            left = every * org.world.rng.uniform(0.1, 0.9)
            detail = org["CronJobDetail"].insert({"Name": entry["name"], "JobType": entry["type"]})
            org["CronTrigger"].insert(
                {
                    "CronJobDetailId": detail["Id"],
                    "OwnerId": user["Id"],
                    "CronExpression": entry["expression"],
                    "State": "WAITING",
                    "NextFireTime": stamp(org.now + left),
                    "PreviousFireTime": stamp(org.now + left - every),
                    "StartTime": stamp(org.now - timedelta(days=365)),
                    "TimesTriggered": int(timedelta(days=365) / every),
                    "TimeZoneSidKey": "GMT",
                    "CreatedDate": stamp(org.now - timedelta(days=365)),
                    "CreatedById": user["Id"],
                    "_every_s": every.total_seconds(),
                }
            )
    for entry in estate.get("async_jobs", []):
        for user in org["User"].where("Username", entry["by"]):
            done = entry["status"] in {"Completed", "Failed"}
            org["AsyncApexJob"].insert(
                {
                    "JobType": entry["type"],
                    "Status": entry["status"],
                    "NumberOfErrors": entry["errors"],
                    "JobItemsProcessed": 12 if done else 0,
                    "TotalJobItems": 12,
                    "CompletedDate": stamp(org.now - timedelta(hours=3)) if done else None,
                    "CreatedDate": stamp(org.now - timedelta(hours=4)),
                    "CreatedById": user["Id"],
                }
            )
