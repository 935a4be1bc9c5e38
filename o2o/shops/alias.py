"""What a guest is called at one shop: the same name every time there, another one elsewhere."""

import hashlib
import hmac

NOUNS = (
    ("青柠", "Lime"), ("海棠", "Quince"), ("竹笋", "Bamboo"), ("白鹭", "Egret"), ("石榴", "Pomegranate"),
    ("麻雀", "Sparrow"), ("芦苇", "Reed"), ("杨梅", "Bayberry"), ("松果", "Pinecone"), ("橘猫", "Marmalade"),
    ("荷叶", "Lotus"), ("燕子", "Swallow"), ("桂花", "Osmanthus"), ("板栗", "Chestnut"), ("蜻蜓", "Dragonfly"),
    ("柿子", "Persimmon"), ("云雀", "Skylark"), ("茉莉", "Jasmine"), ("花椒", "Pepper"), ("银杏", "Ginkgo"),
    ("鲤鱼", "Carp"), ("枇杷", "Loquat"), ("水杉", "Redwood"), ("薄荷", "Mint"), ("刺猬", "Hedgehog"),
    ("莲藕", "Rhizome"), ("喜鹊", "Magpie"), ("紫藤", "Wisteria"), ("核桃", "Walnut"), ("鸬鹚", "Cormorant"),
    ("油菜", "Rapeseed"), ("蚕豆", "Broadbean"), ("雨燕", "Swift"), ("山楂", "Hawthorn"), ("苔藓", "Moss"),
    ("豆荚", "Peapod"), ("锦鲤", "Koi"), ("梧桐", "Plane"), ("乌龟", "Tortoise"), ("丝瓜", "Luffa"),
)  # fmt: skip


def alias(secret: str, *, account_id: int, shop_id: int, purpose: str, locale: str) -> str:
    """Name a guest at a shop, such as "青柠 127"; nobody without the secret can go back.

    `purpose` is "guest" for what staff see at the counter and "voice" for what is said in public: the two differ,
    so that a review cannot be traced to the person who stood there.
    """
    said = f"{purpose}:{shop_id}:{account_id}".encode()
    number = int.from_bytes(hmac.digest(secret.encode(), said, hashlib.sha256)[:8])
    zh, en = NOUNS[number % len(NOUNS)]
    return f"{zh if locale.startswith('zh') else en} {100 + number // len(NOUNS) % 900}"
