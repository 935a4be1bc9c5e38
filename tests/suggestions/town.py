"""A street of shops for suggestions and slips, and what people type with what they get."""

from sqlalchemy.orm import Session

from o2o.shops.models import Shop
from o2o.vocabulary import rules
from tests.factories import make_shop, make_terms

SHOPS = {
    "老王肉夹馍": {"category": "amenity/fast_food"},
    "星巴克": {"name_en": "Starbucks Coffee", "brand": "Starbucks"},
    "海底捞火锅": {"category": "amenity/restaurant"},
    "长沙臭豆腐": {"category": "amenity/fast_food"},
    "招商银行": {"category": "amenity/bank"},
    "西安饭庄": {"category": "amenity/restaurant"},
    "绿茶餐厅": {"category": "amenity/restaurant"},
    "重庆小面": {"category": "amenity/restaurant"},
    "麦当劳": {"name_en": "McDonald's", "category": "amenity/fast_food"},
    "Kahvila Engel": {"words": "热美式"},
    "Bäckerei Müller": {"category": "shop/bakery"},
    "永乐理发": {"category": "shop/hairdresser"},
    "石臼凉皮": {"category": "amenity/restaurant", "words": "凉皮 肉夹馍 noodles"},
}
WANG, STAR, HAI, CHANG, BANK, XIAN, LU, CHONG, MAC, ENGEL, BAKER, HAIR, MORTAR = SHOPS

# What is typed finds these shops and nothing else, without a guess.
FOUND: list[tuple[str, set[str]]] = [
    ("肉夹馍", {WANG, MORTAR}),
    ("肉夹", {WANG, MORTAR}),
    ("roujiamo", {WANG, MORTAR}),
    ("roujiam", {WANG, MORTAR}),
    ("ROU JIA MO", {WANG, MORTAR}),
    ("rou'jia'mo", {WANG, MORTAR}),
    ("ròujiāmó", {WANG, MORTAR}),
    ("rjm", {WANG, MORTAR}),
    ("r j m", {WANG, MORTAR}),
    ("laowangroujiamo", {WANG}),
    ("laowang", {WANG}),
    ("wangroujiamo", {WANG}),
    ("jiamo", {WANG, MORTAR}),
    ("lwrjm", {WANG}),
    ("wrjm", {WANG}),
    ("haidilao", {HAI}),
    ("hdl", {HAI}),
    ("huoguo", {HAI}),
    ("zhangsha", {CHANG}),
    ("changsha", {CHANG}),
    ("csc", {CHANG}),
    ("zhaoshangyinhang", {BANK}),
    ("yinhang", {BANK}),
    ("xi'an", {XIAN}),
    ("xian", {XIAN}),
    ("xi an fan zhuang", {XIAN}),
    ("lvchacanting", {LU}),
    ("lüchacanting", {LU}),
    ("luchacanting", {LU}),
    ("chongqing", {CHONG}),
    ("zhongqing", {CHONG}),
    ("cqxm", {CHONG}),
    ("maidanglao", {MAC}),
    ("mdl", {MAC}),
    ("mcdonalds", {MAC}),
    ("starb", {STAR}),
    ("xingbake", {STAR}),
    ("xbk", {STAR}),
    ("yongle", {HAIR}),
    ("yongyue", {HAIR}),
    ("lifa", {HAIR}),
    ("lianpi", set()),
    ("liangpi", {MORTAR, WANG}),
    ("muller", {BAKER}),
    ("starbucks xing", {STAR}),
]

# What is typed finds nothing; this is what was meant, first.
MEANT: list[tuple[str, str]] = [
    ("rmh", "肉夹馍"),
    ("rjn", "肉夹馍"),
    ("rjmm", "肉夹馍"),
    ("肉莫", "肉夹馍"),
    ("肉馍", "肉夹馍"),
    ("肉夹摸", "肉夹馍"),
    ("肉家馍", "肉夹馍"),
    ("夹肉馍", "肉夹馍"),
    ("肉夹夹馍", "肉夹馍"),
    ("roujimo", "肉夹馍"),
    ("roujiano", "肉夹馍"),
    ("ruojiamo", "肉夹馍"),
    ("海底涝", "海底捞"),
    ("海地捞", "海底捞"),
    ("haidilaoo", "海底捞"),
    ("hadilao", "海底捞"),
    ("stabucks", "Starbucks"),
    ("starbuks", "Starbucks"),
    ("satrbucks", "Starbucks"),
    ("starbucksx", "Starbucks"),
    ("kahvlia", "Kahvila"),
    ("mcdonlads", "McDonald's"),
    ("星巴客", "星巴克"),
    ("重庆面", "重庆小面"),
    ("重庆小棉", "重庆小面"),
    ("麦挡劳", "麦当劳"),
    ("chonqqing", "重庆"),
    ("mullar", "Müller"),
    ("yinhamg", "银行"),
]

# What is typed is like nothing here.
NOTHING = [
    "zzzz", "牛肉", "寿司", "tokyo", "hotel", "火车站", "飞机", "xyz", "qq", "a1b2", "麦子", "海鲜自助",
    "spaceport", "кофе", "🍜", "!!!", "12345", "西藏",
]  # fmt: skip


def build(session: Session) -> dict[str, Shop]:
    """Make the street and its index."""
    shops = {name: make_shop(session, name, **values) for name, values in SHOPS.items()}
    contents = [["肉夹馍", 2, 1500], ["凉皮", 1, 4000]]
    make_terms(session, shops[WANG], title="肉夹馍双人餐", contents=contents)
    rules.reindex(session, shop_ids=[shop.id for shop in shops.values()])
    return shops
