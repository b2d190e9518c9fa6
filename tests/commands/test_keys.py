"""`flask keys`: what the operator is told before and after the keys change."""

from __future__ import annotations

from click.testing import CliRunner, Result

from commands.keys import keys_command
from models.crypto import Keyring
from models.db import Database
from tests.factories import GUAN, KEYRING, live_batch, payment, resident

NEWER = Keyring({"k9": bytes(32), **KEYRING.encryption}, {"i9": bytes(range(1, 33)), **KEYRING.index})


def told(database: Database, keyring: Keyring, *arguments: str) -> Result:
    """The command with these keys in the configuration."""
    opened = Database(database.url.render_as_string(hide_password=False), keyring)
    result = CliRunner().invoke(keys_command(lambda: opened), arguments)
    opened.dispose()
    return result


# One value is there from the start: the key of the audit log's marks.
def test_the_operator_is_led_from_the_old_key_to_the_new_one(sqlite_database: Database) -> None:
    sqlite_database.write(lambda s: payment(s, live_batch(s), resident(s, GUAN)))
    before = told(sqlite_database, NEWER, "status")
    assert before.exit_code == 0
    assert "residents：3条还在加密密钥 k1下" in before.output
    assert "加密密钥 k1：7条，还不能从配置里去掉" in before.output
    counted = told(sqlite_database, NEWER, "rotate", "--dry-run")
    assert "payments：要换1条" in counted.output
    assert told(sqlite_database, NEWER, "status").output == before.output
    rotated = told(sqlite_database, NEWER, "rotate")
    assert rotated.exit_code == 0
    assert "换好了，共4条。" in rotated.output
    assert "加密密钥 k1：0条，可以从配置里去掉了" in rotated.output
    assert "加密密钥 k9：7条（最新）" in rotated.output


def test_data_under_a_key_that_is_not_here_is_said_loudly(sqlite_database: Database) -> None:
    sqlite_database.write(lambda s: resident(s, GUAN))
    lost = told(sqlite_database, Keyring({"k9": bytes(32)}, NEWER.index), "rotate")
    assert lost.exit_code == 1
    assert "有2条读不出来，原样留着" in lost.output
    assert "加密密钥 k1：4条，这把密钥不在配置里" in lost.output
