"""Only prose is judged: of a page, of a configuration file's comments, and of what Slack shows."""

from __future__ import annotations

from tests.words.prose import Passage, blocks, comments, html, javascript, markdown, plain, strings

PAGE = """# A title

Read [the runbook](docs/runbook-of-licences.md) and
type `mend`; open *Setup*.

```sh
mend --hostile
```

- One | not a cell
- Two

| name | what |
| --- | --- |
| `a_key` | it is used |
"""
FILE = """# First sentence,
# second line.
#
# [connections."a"]
# url = "https://mend.example"      # your address
#   docker compose run mend
[slack]
channel = "C1"  # where alerts go
"""


def test_of_a_page_the_code_blocks_and_addresses_are_left_out() -> None:
    """Paragraphs, items and cells are passages with their lines; names keep their marks."""
    assert list(markdown(PAGE)) == [
        Passage(1, "A title"),
        Passage(3, "Read the runbook and type `mend`; open *Setup*."),
        Passage(10, "One | not a cell"),
        Passage(11, "Two"),
        Passage(13, "name"), Passage(13, "what"),
        Passage(15, "`a_key`"), Passage(15, "it is used"),
    ]  # fmt: skip


def test_of_a_configuration_file_only_comments_are_read() -> None:
    """A comment of several lines is one passage; a setting that is commented out is none."""
    assert list(comments(FILE)) == [
        Passage(1, "First sentence, second line."),
        Passage(5, "your address"),
        Passage(8, "where alerts go"),
    ]


def test_of_a_plain_text_each_paragraph_is_a_passage() -> None:
    """A sentence that runs over several lines is one."""
    assert list(plain("One\n  sentence.\n\nAnother.\n")) == [
        Passage(1, "One sentence."),
        Passage(4, "Another."),
    ]


def test_of_a_module_every_text_is_read() -> None:
    """Literal texts, also the parts of f-strings; no docstrings, no comments, and no single words, which are names."""
    module = '''"""A docstring of it."""\nname = "twin"\nsaid = f"Look at {name} now"  # a comment here\n'''
    assert list(strings(module)) == [Passage(3, "Look at "), Passage(3, " now")]


def test_of_a_template_the_texts_between_tags_are_read() -> None:
    """Markup, styles and the template's own language are no prose; what it puts in counts as a name."""
    page = """<style>p { mend: 1 }</style>
    <!-- trail -->
    {% if twin %}<p title='x'>Ask {{ owner }} about
    it.</p>{% endif %}"""
    assert list(html(page)) == [Passage(3, "Ask `x` about it.")]


def test_of_a_script_the_literal_texts_are_read() -> None:
    """Comments and single words are not said to anybody."""
    script = (
        """// a "trail of it"\n/* 'a deed' */\nh("p.note", null, `Ask ${twin.of(1)} now`, "It's done");"""
    )
    assert list(javascript(script)) == [Passage(3, "Ask `x` now"), Passage(3, "It's done")]


def test_of_a_screen_every_text_is_read_and_mentions_are_names() -> None:
    """Headings, rich text, fields, options and buttons; a person, a link and code stand for one name each."""
    section = {
        "type": "rich_text_section",
        "elements": [
            {"type": "text", "text": "Ask "}, {"type": "user", "user_id": "U1"},
            {"type": "text", "text": " about "}, {"type": "text", "text": "svc.orders", "style": {"code": True}},
        ],
    }  # fmt: skip
    button = {"type": "button", "text": {"type": "plain_text", "text": "Approve"}, "value": "mend"}
    view = {
        "type": "modal",
        "title": {"type": "plain_text", "text": "Request"},
        "blocks": [
            {"type": "rich_text", "elements": [section]},
            {"type": "actions", "elements": [button]},
        ],
        "private_metadata": "trail",
    }
    assert [one.text for one in blocks(view)] == ["Request", "Ask `x` about `svc.orders`", "Approve"]
