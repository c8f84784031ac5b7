from pathlib import Path

import pytest

from livestyle.live.desk import Desk
from livestyle.live.keys import KEYS, find_key, help_lines


def test_every_key_does_something_and_no_two_do_the_same():
    codes = [code for key in KEYS for code in key.codes]
    assert len(codes) == len(set(codes))
    assert all(callable(getattr(Desk, key.action)) for key in KEYS)


@pytest.mark.parametrize("code", [ord("n"), ord("N"), ord("n") | 0x100000])
def test_case_and_modifiers_do_not_matter(code):
    assert find_key(code).action == "next_style"


def test_other_keys_do_nothing():
    assert find_key(ord("%")) is None
    assert find_key(0xFFE1) is None  # Shift alone


def test_the_help_names_every_key():
    assert help_lines() == [f"{key.label}\t{key.help}" for key in KEYS]


def test_the_docs_list_the_same_keys():
    docs = (Path(__file__).parents[2] / "docs" / "live.md").read_text(encoding="utf-8")
    rows = [line for line in docs.split("## Keys")[1].split("##")[0].splitlines() if line.startswith("| `")]
    assert rows == [f"| `{key.label}` | {key.help} |" for key in KEYS]
