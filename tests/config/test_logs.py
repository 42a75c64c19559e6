"""Logs carry no person."""

import pytest

from config.logs import without_personal_data


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        pytest.param({"event": "paid", "order": 7}, {"event": "paid", "order": 7}, id="plain"),
        pytest.param({"email": "a@b.jp", "customer_name": "山田"}, {"email": "[personal]", "customer_name": "[personal]"}, id="by-field"),
        pytest.param({"event": "sent to taro@example.co.jp"}, {"event": "sent to [mail]"}, id="mail-in-text"),
        pytest.param({"event": "call 090-1234-5678 now"}, {"event": "call [digits] now"}, id="phone-in-text"),
        pytest.param({"request_id": "0192-1234567890123"}, {"request_id": "0192-1234567890123"}, id="request-id"),
    ],
)
def test_a_log_line_names_nobody(line: dict[str, object], kept: dict[str, object]) -> None:
    assert without_personal_data(None, "info", dict(line)) == kept
