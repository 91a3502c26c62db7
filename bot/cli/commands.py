"""What can be typed after ``python -m bot``, with the help texts, and how a command ends."""

from __future__ import annotations

import sys
import time
from collections.abc import Coroutine
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Annotated

import typer
from typer.main import get_command

from bot.errors import BotError, ConfigError, places

HELP = """
Handover keeps the inventory of who every integration logs in as, says so in Slack before it breaks, and moves
the integration to a dedicated account through an approved plan.

A new installation: `init`, fill in the configuration, `secret put` the tokens, `doctor` until nothing fails, `run`.

Exit status: 0 done, 1 it failed or something is wrong, 2 the configuration or the command line is off.
"""
FAILED = 1
MISUSED = 2

app = typer.Typer(
    help=HELP,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # they would print local variables
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)
secret = typer.Typer(no_args_is_help=True, help="Keep the secrets that the configuration names.")
audit = typer.Typer(no_args_is_help=True, help="Read the audit log, and prove that nobody changed it.")
keys = typer.Typer(no_args_is_help=True, help="Replace the keys that seal the inventory.")
wrike = typer.Typer(no_args_is_help=True, help="Sign in to Wrike.")
step_up = typer.Typer(no_args_is_help=True, help="Set up authenticator apps for approvals that take a code.")
app.add_typer(wrike, name="wrike", rich_help_panel="Start")
nexonia = typer.Typer(no_args_is_help=True, help="Forecast the sync of Nexonia's users from NetSuite.")
app.add_typer(nexonia, name="nexonia", rich_help_panel="Every day")
app.add_typer(secret, name="secret", rich_help_panel="Every day")
app.add_typer(audit, name="audit", rich_help_panel="Every day")
app.add_typer(step_up, name="step-up", rich_help_panel="Every day")
app.add_typer(keys, name="keys", rich_help_panel="Upkeep")

Config = Annotated[
    Path,
    typer.Option("--config", "-c", envvar="HANDOVER_CONFIG", help="The configuration file."),
]
DEFAULT = Path("handover.toml")


class Form(StrEnum):
    """How something is written for taking away."""

    MARKDOWN = "markdown"  # for people
    JSON = "json"  # for programs


@app.command(rich_help_panel="Start")
def init(config: Config = DEFAULT) -> None:
    """Make a new installation ready to be filled in, or bring its database up to date.

    Makes what is missing and leaves the rest alone: the configuration file (0600), the data directory (0700),
    the key file (0600), the database. Run it again after every update.
    """
    from bot.cli.installation import initialise

    _finish(initialise(config))


@app.command(rich_help_panel="Start")
def doctor(config: Config = DEFAULT) -> None:
    """Look at everything the bot needs, and say how to mend what is wrong.

    Configuration, data directory, keys, inventory, Slack tokens, scopes and channel, clock skew, and each
    connection: whether we can sign in, as whom, what is left of the day's calls, and what cannot be seen.
    Changes nothing. Goes on when something fails; exit status 1 if anything did.
    """
    from bot.cli.doctor.visit import visit

    _finish(visit(config))


@app.command(rich_help_panel="Start")
def run(
    init: Annotated[
        bool, typer.Option("--init", help="First make what is missing, as `init` does: for containers.")
    ] = False,
    config: Config = DEFAULT,
) -> None:
    """Run the bot until SIGTERM or Ctrl-C, then let what is under way come to a safe stop.

    Killed without warning it loses nothing either: the next start resumes where it was.
    """
    began = time.monotonic()
    from bot.cli.run import run as start

    _finish(start(config, began, init=init), quiet=False)


@wrike.command("authorize")
def wrike_authorize(
    connection: Annotated[str, typer.Argument(help="For example wrike:prod.")],
    paste: Annotated[
        bool,
        typer.Option("--paste", help="The browser is on another machine: paste the address it ends at."),
    ] = False,
    config: Config = DEFAULT,
) -> None:
    """Sign in to Wrike once as the service account, in a browser; from then on the bot renews its tokens itself.

    Shows an address to open in a private window. The answer comes to `redirect_uri`: at this machine it is waited
    for, anywhere else the address is asked for. An account that is not known as a service account is refused.
    """
    from bot.cli.authorize import authorize

    _finish(authorize(config, connection, pasted=paste))


@app.command(rich_help_panel="Every day")
def scan(
    connection: Annotated[
        str | None, typer.Argument(help="For example salesforce:prod. Without it, every connection.")
    ] = None,
    config: Config = DEFAULT,
) -> None:
    """List connections now, compare with the inventory, and show what changed.

    Also works beside a running bot, and while a connection rests after a refused sign-in. Messages that
    follow from it are sent by the running bot.
    """
    from bot.cli.scan import scan as look

    _finish(look(config, connection))


@app.command(rich_help_panel="Every day")
def probe(
    connection: Annotated[str, typer.Argument(help="For example netsuite, or netsuite:prod.")],
    write: Annotated[
        bool, typer.Option("--write", help="Also try changes to the bot's own record, taken back at once.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="With --write: do not ask first.")] = False,
    config: Config = DEFAULT,
) -> None:
    """Find out on your own account what no document of its vendor says, and keep it with the connection.

    Reads only, unless told otherwise. What it settles is shown by `status` and decides what plans may count on;
    what stays open counts as "cannot".

    `python -m bot probe netsuite`
    """
    from bot.cli.probe import probe as find_out

    if write and not yes:
        typer.confirm(f"Change the bot's own record on {connection}, and take it back at once?", abort=True)
    _finish(find_out(config, connection, write=write))


@secret.command("put")
def secret_put(
    name: Annotated[
        str, typer.Argument(help="What the configuration calls it: secret:NAME; or what a request asks for.")
    ],
    stdin: Annotated[
        bool, typer.Option("--stdin", help="Read it from standard input: for key files and scripts.")
    ] = False,
    request: Annotated[
        str, typer.Option("--request", help="For the plan of this request, which waits for it.")
    ] = "",
    config: Config = DEFAULT,
) -> None:
    """Store a secret, sealed; one of the same name is replaced.

    Asked for without echo. It cannot be given as an argument: those show in process lists and shell history.

    `python -m bot secret put slack-bot-token`

    `python -m bot secret put salesforce-key --stdin < salesforce.pem`

    `python -m bot secret put --request 7K2QXM token_secret` does what the sealed page does, also beside a running bot.
    """
    if request:
        from bot.cli.plan_secrets import put as enter

        _finish(enter(config, name, request, from_stdin=stdin))
    from bot.cli.secret import put

    _finish(put(config, name, from_stdin=stdin))


@secret.command("get")
def secret_get(
    request: Annotated[str, typer.Option("--request", help="The request whose plan made it.")],
    name: Annotated[str, typer.Argument(help="Which one. Without it, all that are to be carried over.")] = "",
    stdout: Annotated[
        bool,
        typer.Option("--stdout", help="Write it to standard output, for a program, and note it as in place."),
    ] = False,
    config: Config = DEFAULT,
) -> None:
    """Show the new secrets of a plan once, on a terminal, and note that they are in place.

    What the sealed page does, for a machine that has none; also beside a running bot. The trail keeps who saw them.

    `python -m bot secret get --request 7K2QXM`

    `python -m bot secret get --request 7K2QXM private_key --stdout | vendor-cli set-key`
    """
    from bot.cli.plan_secrets import get

    _finish(get(config, name, request, to_stdout=stdout))


@secret.command("list")
def secret_list(config: Config = DEFAULT) -> None:
    """Show the names of what is stored, and which setting uses each. Never a value."""
    from bot.cli.secret import names

    _finish(names(config))


@audit.command("verify")
def audit_verify(config: Config = DEFAULT) -> None:
    """Read every line of the trail and say whether all are there, unchanged and in order.

    Prints the number and hash of the last line. Keep them somewhere else: a whole database put back from an
    older copy of itself can only be told by comparing. Exit status 1, and the first wrong line, if it was
    tampered with.
    """
    from bot.cli.audit import verify

    _finish(verify(config))


@audit.command("show")
def audit_show(
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many lines, newest first.")] = 20,
    config: Config = DEFAULT,
) -> None:
    """Show the latest lines of the trail: when, who, what, on what. Times are UTC."""
    from bot.cli.audit import show

    _finish(show(config, limit))


@step_up.command("enroll")
def step_up_enroll(
    slack_id: Annotated[
        str, typer.Argument(help="Their member id, U…; in Slack: profile, ⋮, Copy member ID.")
    ],
    config: Config = DEFAULT,
) -> None:
    """Set up somebody's authenticator app: they scan a code from this screen and read out what their app shows.

    Shows the secret and the recovery codes once, on a terminal only; neither ever passes through Slack. It counts
    once a right code was typed. Who is enrolled already has to be reset first.
    """
    from bot.cli.step_up import enroll

    _finish(enroll(config, slack_id))


@step_up.command("reset")
def step_up_reset(
    slack_id: Annotated[str, typer.Argument(help="Their member id, U….")],
    config: Config = DEFAULT,
) -> None:
    """Forget somebody's authenticator app and recovery codes, for example after a lost telephone; they are told.

    The message is sent by the running bot. In Slack, an administrator can do the same: `step-up reset @person`.
    """
    from bot.cli.step_up import reset

    _finish(reset(config, slack_id))


@app.command(rich_help_panel="Every day")
def evidence(
    request: Annotated[
        str, typer.Argument(help="The request's six characters; or the word `key`, for the public key.")
    ],
    out: Annotated[Path, typer.Option("--out", help="The directory to write it to.")] = Path(),
    as_zip: Annotated[bool, typer.Option("--zip", help="One zip file instead of a directory.")] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="With `key`: sign with a new key from now on.")
    ] = False,
    config: Config = DEFAULT,
) -> None:
    """Write the evidence pack of a request, for an auditor to check without Handover.

    The plan, who decided, each step's receipt with the platform's own record id, and the lines of the trail that
    speak of it, signed. It holds names and reasons and no secret; nothing is overwritten. Checked by
    `deploy/verify_evidence.py`.

    `python -m bot evidence 7K2QXM --zip --out packs`

    `python -m bot evidence key` shows the public key and its fingerprint, to be published.
    """
    from bot.cli.evidence import make, show_key
    from bot.errors import BadArgument

    if request == "key" and (as_zip or out != Path()):
        raise BadArgument("--out and --zip are for a request's pack; the key is only shown.")
    if request != "key" and replace:
        raise BadArgument("--replace is for the key: `python -m bot evidence key --replace`.")
    _finish(
        show_key(config, replace=replace) if request == "key" else make(config, request, out, as_zip=as_zip)
    )


@app.command(rich_help_panel="Every day")
def plan(
    request: Annotated[str, typer.Argument(help="The request's six characters.")],
    form: Annotated[
        Form, typer.Option("--as", help="markdown to read, json with every field.")
    ] = Form.MARKDOWN,
    config: Config = DEFAULT,
) -> None:
    """Write the plan of a request to standard output, exactly as it was asked for.

    The JSON is what the plan's digest is taken over: `python -m bot plan 7K2QXM --as json | head -c -1 | sha256sum`.
    """
    from bot.cli.evidence import show_plan

    _finish(show_plan(config, request, form=form.value))


@app.command(rich_help_panel="Every day")
def check(
    name: Annotated[str, typer.Argument(metavar="CHECK", help="The check's id, or a part that only it has.")],
    connection: Annotated[
        str | None, typer.Option("--connection", help="One connection, for example salesforce:prod.")
    ] = None,
    config: Config = DEFAULT,
) -> None:
    """Run one check now over a fresh listing, and keep nothing.

    Exit status 1 if it found something, or could not look. docs/reference/checks.md lists the checks.
    """
    from bot.cli.check import check as run_check

    _finish(run_check(config, name, connection))


@app.command(rich_help_panel="Every day")
def events(
    after: Annotated[
        int | None, typer.Option(min=0, help="Lines after this number; without it, where --cursor left off.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="A file to add them to, one JSON object a line.")
    ] = None,
    url: Annotated[
        str | None, typer.Option("--url", help="Where to POST them, in batches of such lines.")
    ] = None,
    token_file: Annotated[
        Path | None, typer.Option("--token-file", help="Holds the bearer token for --url.")
    ] = None,
    cursor: Annotated[
        Path | None, typer.Option("--cursor", help="A file that keeps the number of the last line sent.")
    ] = None,
    config: Config = DEFAULT,
) -> None:
    """Hand the trail to a SIEM, as OCSF 1.3 events: to standard output, a file, or by HTTP.

    Run it from a timer with --cursor. A batch that failed is sent again the next time, so a line may come twice:
    metadata.uid is its number. It names people and their accounts, and holds no secret.
    """
    from bot.cli.events import Where, hand_over
    from bot.errors import BadArgument

    if out is not None and url is not None:
        raise BadArgument("Give --out or --url, not both.")
    _finish(hand_over(config, after, cursor, Where(out=out, url=url, token_file=token_file)))


@nexonia.command("forecast")
def nexonia_forecast(
    users: Annotated[Path, typer.Option("--users", help="Nexonia's users: CSV or JSON.")],
    today: Annotated[str, typer.Option("--today", help="The day of the sync where NetSuite's company is.")],
    employees: Annotated[
        Path | None, typer.Option("--employees", help="NetSuite's employees: CSV or JSON.")
    ] = None,
    vendors: Annotated[
        Path | None, typer.Option("--vendors", help="NetSuite's vendors: CSV or JSON.")
    ] = None,
    employee_filter: Annotated[
        bool, typer.Option("--employee-filter", help="Employees need the checkbox too; vendors always do.")
    ] = False,
    kinds: Annotated[
        str,
        typer.Option("--kinds", help="What is synced: employee, vendor or both. Default: the files given."),
    ] = "",
    column: Annotated[
        list[str] | None, typer.Option("--column", help='Another heading: users.email="E-mail Address".')
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON array of rows, and nothing else.")
    ] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="CSV that a spreadsheet shows as it is.")] = False,
) -> None:
    """Say what tonight's sync of NetSuite's people into Nexonia's users will do, with rule and reason for each.

    Works on files alone, without a configuration, and changes nothing. Records: id, first, last, email, active,
    termination_date, flag. Users: id, first, last, email, active, ignore, integration_id. A file that is off is
    refused whole, with its row and column; exit status 2.

    `python -m bot nexonia forecast --employees e.csv --vendors v.csv --users u.csv --today 2026-11-24 --json`
    """
    from bot.cli.forecast import Asked, show
    from bot.errors import BadArgument, ConfigError

    asked = Asked(
        employees=employees,
        vendors=vendors,
        users=users,
        today=today,
        employee_filter=employee_filter,
        kinds=kinds,
        columns=column or (),
    )
    try:
        show(asked, as_json=as_json, as_csv=as_csv)
    except BadArgument as exc:
        raise ConfigError(exc.hint) from exc  # what was typed is off: exit status 2


@keys.command("rotate")
def keys_rotate(config: Config = DEFAULT) -> None:
    """Seal every row with a new data key and destroy the old one, also beside a running bot.

    Safe to break off: the next run ends what this one began. The key file stays the same; it only wraps the
    data keys.
    """
    from bot.cli.installation import rotate

    _finish(rotate(config))


@app.command(rich_help_panel="Upkeep")
def docs(
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit status 1 if a page is stale.")
    ] = False,
) -> None:
    """Write docs/reference from the code: commands, checks, errors, configuration, command line."""
    from bot.cli.reference.pages import refresh

    raise typer.Exit(refresh(get_command(app), check_only=check))


def _finish(deed: Coroutine[None, None, bool], *, quiet: bool = True) -> None:
    """Do it; the exit status says whether it ended well. ``quiet``: what it logs is left out but for errors."""
    import asyncio

    if quiet:
        from bot import logs
        from bot.config import LogSettings

        logs.configure(LogSettings(level="error"))
    raise typer.Exit(0 if asyncio.run(deed) else FAILED)


def main(arguments: list[str] | None = None) -> None:
    """Do what the command line (or ``arguments``) says; always ends in SystemExit, but for a bug."""
    try:
        get_command(app)(arguments, prog_name="python -m bot")
    except BotError as exc:
        from bot.cli.screen import complain

        complain(exc.hint)
        sys.exit(MISUSED if isinstance(exc, ConfigError) else FAILED)


def unexpected(_: type[BaseException], exc: BaseException, __: TracebackType | None) -> None:
    """For ``sys.excepthook``. Messages are left out: they may hold names, answers, or worse."""
    told = "error: a fault of Handover's own. Please report these lines; they hold no data:"
    sys.stderr.write("\n".join([told, *places(exc)]) + "\n")
