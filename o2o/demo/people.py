"""Who lives in the demo town, what they bought, and what became of it."""

from typing import Literal, NamedTuple

HANDLES = ("guest", "guest2", "staff", "staff2", "owner", "operator")
SHOWN = ("guest", "staff", "owner", "operator")
NEIGHBOURS = tuple(f"neighbour{i}" for i in range(1, 6))
# handle, shop, the name the owner calls them by
STAFF = (("staff", "半日闲咖啡", "小林"), ("staff2", "老井面馆", "阿强"))


class Sale(NamedTuple):
    """A purchase: who, where, which of the shop's offers, how many.

    `days` ago; then `uses` of the first pass are taken one by one, or its money is asked back and paid back.
    """

    buyer: str
    shop: str
    offer: int
    days: int
    quantity: int = 1
    uses: int = 0
    back: Literal["", "asked", "paid"] = ""


# In the order of their time, as the books have them.
SALES = (
    Sale("guest", "半日闲咖啡", 2, 24),  # a coupon that expired unused
    Sale("guest2", "老井面馆", 0, 20, uses=1),
    Sale("neighbour1", "半日闲咖啡", 1, 18, uses=3),
    Sale("guest", "老井面馆", 0, 12, uses=1),
    Sale("neighbour2", "半日闲咖啡", 0, 11, uses=1),
    Sale("guest", "剪刀与风", 0, 10, back="paid"),
    Sale("guest", "半日闲咖啡", 1, 9, uses=2),
    Sale("neighbour1", "河风咖啡", 0, 8, quantity=2),
    Sale("neighbour3", "巷口豆浆", 1, 8, uses=2),
    Sale("neighbour2", "河风咖啡", 0, 7, quantity=2),
    Sale("guest2", "胖婶煎饼", 0, 7, uses=3),
    Sale("neighbour3", "河风咖啡", 0, 6, quantity=3),
    Sale("neighbour4", "水乡旧物馆", 0, 6, uses=1),
    Sale("guest", "萤火电影院", 0, 5),
    Sale("neighbour4", "河风咖啡", 0, 4, quantity=1),
    Sale("neighbour5", "老井面馆", 0, 4, uses=1),
    Sale("guest2", "半日闲咖啡", 0, 3),
    Sale("neighbour5", "河风咖啡", 0, 3, quantity=2),
    Sale("guest", "巷口豆浆", 0, 2),
    Sale("neighbour2", "四时花事", 1, 2),
    Sale("guest", "风檐书店", 1, 2),
    Sale("guest", "泥火陶作", 0, 1, back="asked"),
    Sale("guest2", "小方块汉堡", 1, 1),
    Sale("guest", "渡口鱼庄", 0, 1),
)
