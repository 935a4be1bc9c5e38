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


class Call(NamedTuple):
    """A visit by a poster: who, where, so many days ago (0 is a moment ago), and whether staff confirmed it."""

    visitor: str
    shop: str
    days: int
    confirmed: bool = False


# Shop and where in it the poster hangs; visitors use the first one of a shop.
POSTERS = (
    ("半日闲咖啡", "吧台"),
    ("半日闲咖啡", "窗边长桌"),
    ("老井面馆", "收银台"),
    ("风檐书店", "门口"),
    ("河风咖啡", "露台"),
)
# Nobody wrote a review: what people of a demo would have said would be made up.
CALLS = (
    Call("neighbour1", "半日闲咖啡", 9, confirmed=True),
    Call("guest2", "老井面馆", 6, confirmed=True),
    Call("neighbour2", "河风咖啡", 5),
    Call("guest", "半日闲咖啡", 4, confirmed=True),
    Call("neighbour3", "风檐书店", 3),
    Call("guest", "风檐书店", 2),
    Call("neighbour4", "老井面馆", 1, confirmed=True),
    Call("guest2", "半日闲咖啡", 0),
)
GUIDE_TITLES = ("下雨天也有好去处", "Good on a rainy day")
GUIDE_ABOUT = (
    "柳溪镇一下雨就慢下来。这几家走得不远，坐得住，也不怕鞋子湿。",
    "Willowbrook slows down when it rains. These are close together, dry, and good for an hour or two.",
)
# Shop, the operator's line, whether the place was paid for.
GUIDE_STOPS = (
    ("风檐书店", "靠窗两把旧椅子，先到先坐。", False),
    ("半日闲咖啡", "从书店出来走两步就到，手冲别催。", False),
    ("水乡旧物馆", "听雨的好地方，屋檐下有长凳。", False),
    ("河风咖啡", "露台有棚，雨天反而安静。", True),
    ("萤火电影院", "傍晚场，出来多半就停了。", False),
)
