"""What the account says about itself."""

from __future__ import annotations


def welcome(account_name: str, hotline: str) -> str:
    """The first words to somebody who has just followed the account."""
    return (
        f"您好，这里是{account_name}。\n您可以：\n"
        "· 点“查补贴”，用身份证号查自己领了多少\n"
        "· 直接问，比如“低保怎么申请”\n"
        "· 点“我要投诉”，钱没到、有人办得不对，都能说\n"
        f"打字说话都行。要找人说，打{hotline}。"
    )


def whom_to_ring(hotline: str) -> str:
    """Whom to ring by telephone, for somebody who wants to talk to a person."""
    return f"要找人说：\n· 社保卡、养老、一卡通：打{hotline}\n· 种地的补贴：打12316\n· 不知道找谁：打12345"


def apology(hotline: str) -> str:
    """When something of ours broke. The message is kept for the staff."""
    return f"对不起，刚才我们这边出了点毛病，您的话已经留下，工作人员会看。急的话请打{hotline}，或过一会儿再发一次。"
