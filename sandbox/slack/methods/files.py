"""
The three steps of an upload, and reading about the file afterwards.

Source:
    docs.slack.dev/reference/methods/files.getUploadURLExternal and .completeUploadExternal, read 2026-11-21.
"""

from __future__ import annotations

from sandbox.slack.args import Args
from sandbox.slack.content import Content
from sandbox.slack.errors import SlackError, missing_argument
from sandbox.slack.methods.chat import post
from sandbox.slack.state import Method, State
from sandbox.slack.workspace import Channel, StoredFile
from sandbox.world import Json

LONGEST = 50_000_000


def upload_url(state: State, args: Args) -> Json:
    name = args.needed("filename")
    length = args.text("length")
    if not length or not length.isdigit() or int(length) == 0:
        raise missing_argument("length must be the file's size in bytes")
    if int(length) > LONGEST:
        raise SlackError("file_upload_size_restricted")
    number = len(state.workspace.files) + 1
    file_id = state.world.make_id("F", f"{number}:{name}")
    state.workspace.files[file_id] = StoredFile(file_id, name, name, int(length), state.workspace.epoch())
    ticket = state.world.make_id("upload", f"{file_id}:{state.tokens.verification}", 30)
    state.uploads[ticket] = file_id
    return {"upload_url": f"{state.url}/upload/v1/{ticket}", "file_id": file_id}


def complete(state: State, args: Args) -> Json:
    """Share the uploaded files, as one message in each channel; without a channel they stay private."""
    listed = args.object("files", "invalid_arguments")
    if not isinstance(listed, list) or not listed or not all(isinstance(one, dict) for one in listed):
        raise missing_argument("missing required field: files")
    files = [_uploaded(state, one) for one in listed]
    wanted = [args.text("channel_id")] if args.text("channel_id") else []
    wanted += [one for one in (args.text("channels") or "").split(",") if one]
    channels = [_shareable(state, one or "") for one in wanted]
    for file, given in zip(files, listed, strict=True):
        file.title = given.get("title") or file.name
        file.completed = True
        file.channels = [channel.id for channel in channels]
    described = [describe(state, file) for file in files]
    for channel in channels:
        content = Content(args.text("initial_comment") or "", [], [], None, ())
        message = post(
            state, channel, content, user=state.workspace.bot_user_id, thread_ts=args.text("thread_ts")
        )
        message.files = described
    return {"files": described}


def info(state: State, args: Args) -> Json:
    file = state.workspace.files.get(args.needed("file"))
    if file is None or not file.completed:
        raise SlackError("file_not_found")
    return {"file": describe(state, file), "comments": []}


def describe(state: State, file: StoredFile) -> Json:
    return {
        "id": file.id,
        "created": file.created,
        "timestamp": file.created,
        "name": file.name,
        "title": file.title,
        "size": file.size,
        "mode": "hosted",
        "user": state.workspace.bot_user_id,
        "channels": list(file.channels),
        "url_private": f"{state.url}/files/{file.id}/{file.name}",
        "url_private_download": f"{state.url}/files/{file.id}/download/{file.name}",
        "permalink": f"https://{state.workspace.team_domain}.slack.com/files/{file.id}",
    }


def _uploaded(state: State, given: Json) -> StoredFile:
    file = state.workspace.files.get(str(given.get("id")))
    if file is None or file.content is None or file.completed:
        raise SlackError("file_not_found")
    return file


def _shareable(state: State, channel_id: str) -> Channel:
    channel = state.workspace.channels.get(channel_id)
    if channel is None:
        raise SlackError("channel_not_found")
    if state.workspace.bot_user_id not in channel.members:
        raise SlackError("not_in_channel")
    return channel


METHODS = (
    Method("files.getUploadURLExternal", upload_url, scope="files:write", tier=4),
    Method("files.completeUploadExternal", complete, scope="files:write", tier=4),
    Method("files.info", info, scope="files:read", tier=4),
)
