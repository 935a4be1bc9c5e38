"""Phones and tills in a real browser."""

import pytest

# What these two hold against each other is told in full where it differs, as in a test.
pytest.register_assert_rewrite("tests.browser.till_door", "tests.browser.till_lab")
