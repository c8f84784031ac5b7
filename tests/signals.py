"""Signals in tests: Windows can raise them inside a program, and send none to another."""

from __future__ import annotations

import sys

import pytest

SENT = pytest.mark.skipif(sys.platform == "win32", reason="no signals can be sent there")
