"""What the words are: patterns of days, of what is said of them, and of what says nothing."""

import re

SIGNS = {sign: number for number, sign in enumerate("一二三四五六日")} | {"天": 6}
SIGNS |= {str(number + 1): number for number in range(7)}
_OLD, _NEW = (
    "點週禮營業兩時間後節號關門開從雙調體應無飯館過",
    "点周礼营业两时间后节号关门开从双调体应无饭馆过",
)
SIMPLE = str.maketrans(_OLD, _NEW)
ALL = frozenset(range(7))
WORKDAYS, WEEKEND = frozenset(range(5)), frozenset((5, 6))


def pattern(text: str) -> re.Pattern[str]:
    """Compile a pattern that is written over several lines, letters of either size."""
    return re.compile("".join(line.strip() for line in text.splitlines()), re.I)


def word(text: str) -> str:
    """Say that no letter stands beside these words."""
    return rf"(?<![A-Za-z])(?:{text})(?![A-Za-z])"


# Days.
_WEEK = "(?:周|星期|礼拜)"
_ZH = rf"(?:[每逢])?{_WEEK}\s?(?:[一二三四五六日天末](?![十点时])|[1-7](?![\d:.点时]))"
_ZH_MORE = r"(?:[、/]?[一二三四五六日天](?![十点时])|(?<=\d)[、/][1-7](?![\d:.点时]))"
_EN = r"mon(?:day)?|tue(?:s(?:day)?)?|wed(?:s|nesday)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?"
# Two letters are days only beside other days, times and the like: "We are open" is no Wednesday.
_OSM = (
    r"(?-i:Mo|Tu|We|Th|Fr|Sa|Su)(?=\s*(?:[-–,]\s*(?-i:Mo|Tu|We|Th|Fr|Sa|Su)(?![a-z])|:?\s*(?:\d|off|closed)))"
)
DAY = rf"(?:{_ZH}|{word(f'(?:{_EN})s?')}\.?|{word(_OSM)})"
TO = rf"\s*(?:[-–—~〜‐−]{{1,3}}|到|至|{word('to|thru|through|till|until')})\s*"
DAY_RANGE = pattern(
    rf"""(?P<first>{DAY})(?P<more>{_ZH_MORE}*)
    (?:{TO}(?P<last>{DAY}|[一二三四五六日天](?![十点时])|(?<=\d[-~到至])[1-7](?![\d:.点时])))?"""
)
GROUPS: tuple[tuple[re.Pattern[str], frozenset[int]], ...] = (
    (
        pattern(
            rf"""每天|每日|天天|每一天|一周七天|7天|整周|全周|周[1一](?:到|至|[-~])周?[7日天]|
            (?:全年|年中|一年)(?:365天|无休|不休|不打烊)|365天|
            {word("daily|every ?day|each day|all week(?: long)?|(?:7|seven) days(?: a week| per week)?|all days")}"""
        ),
        ALL,
    ),
    (pattern(rf"工作日|平日|上班日|{word('(?:on )?(?:week|working |work|business )days?')}"), WORKDAYS),
    (pattern(rf"双休日|周六日|周末|{word('(?:on )?(?:the )?weekends?')}"), WEEKEND),
)
REST = pattern(
    rf"""(?:其余|其他|其它|剩下)的?(?:时间|日子|时段|几天|天|日期)?|平时|平常|
    {word("(?:all )?(?:the )?other days|(?:the )?rest of the week|otherwise|remaining days")}"""
)
HOLIDAY = pattern(
    rf"""(?:法定|公共|国家)?(?:节假日|假日|节日|假期)|(?:春节|国庆|元旦|除夕|端午|中秋|清明|五一|十一|过年|圣诞)
    (?:节|期间|假期|长假|当天)*|
    {word("(?:on )?(?:public|bank|national|school)?(?: and )?(?:public |bank )?holidays?")}|
    {word("(?:christmas|new year(?:'s)?)(?: eve| day)?|easter")}"""
)
# What holds only for a part of the year or of the day.
SEASON = pattern(
    rf"""[春夏秋冬][季天](?:时间)?|夏令时|冬令时|暑假|寒假|
    \d{{1,2}}月(?:\d{{1,2}}[日号]?)?(?:\s*[-~到至]\s*(?:\d{{1,2}}月)?\d{{1,2}}[日号]?)?|\d{{1,2}}[日号]|
    (?:19|20)\d\d[-/年.]\d{{1,2}}(?!\d)(?:[-/月.]\d{{1,2}}日?)?|
    {word("summer|winter|spring|autumn")}|
    {word("jan(?:uary)?|feb(?:ruary)?|march|april|june|july|aug(?:ust)?|sept(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?")}"""
)
# What has hours of its own that are not the shop's.
SERVICE = pattern(
    rf"""(?:最后|最晚|最迟)(?:点单|点餐|下单|接单|入场|收客|预约)|截单|停止(?:接单|点单|入场|收客)|厨房|外卖|外送|配送|打包|自提|
    热线|电话|客服|预约|{word("last (?:orders?|call|entry|admission)|kitchen|deliver(?:y|ies)|take-?(?:away|out)")}|
    {word("pick-?up|happy hour|hotline|phone|tel|call|appointments?|(?:not|never|no longer) closed")}"""
)
EXCEPT = pattern(rf"除了?|{word('except(?: for| on)?|excluding|excl|but not|other than|apart from')}")
EXCEPTED = pattern(r"除外|以外|之外|外(?![卖送])")

# What is said of days.
_ROUND = word(r"24\s*-?(?:hours?|hrs?|h)(?: a day)?|a?round the clock|always open")
ALWAYS = pattern(
    rf"""(?:全天(?:候)?)?(?:24|二十四)\s*(?:个)?\s*小时(?:全天)?(?:营业|开放|不打烊|服务|开门|不关门|不停业)?|24\s*/\s*7|
    全天候(?:营业|开放)?|{_ROUND}"""
)
MAYBE_ALWAYS = pattern(rf"全天(?:营业|开放|开门)|{word('(?:open )?all day(?: long)?')}")
CLOSED = pattern(
    rf"""店休|公休|歇业|停业|休业|闭店|闭馆|不营业|不开门?|不上班|没开|休息|休店|放假|关门|关店|打烊|(?<![午无不])休(?!闲)|
    {word("(?:is |are )?(?:closed|shut|off|not open)|no service")}"""
)
# Closed for a part of the day that has no times.
PARTLY = pattern(
    rf"""(?:早上|上午|中午|下午|晚上)(?:休息|不营业|歇业|关门|店休)(?!\s*:?\d)|
    {word("closed (?:in the |on )?(?:mornings?|afternoons?|evenings?)|(?:mornings?|afternoons?|evenings?) closed")}"""
)
# What is cut out of a day.
PAUSE = pattern(
    rf"""(?:中间|中途|中午|下午)?(?:午休|休息时间|休市|歇火)(?:时间)?:?|(?:中间|中途|中午|下午)(?:休息|不营业|关门):?|
    {word("(?:lunch )?break|siesta|(?:(?:and|but) )?(?:is |are )?closed(?: for lunch)?(?: from| between)?")}"""
)
PAUSED = pattern(
    rf"(?:是|为)?(?:午休|休息|休市|不营业|歇业|停业)|{word('(?:is |are )?closed|(?:lunch )?break')}"
)
# Holidays as any other day: what the week says holds for them anyway.
AS_USUAL = pattern(
    rf"""(?:法定|公共|国家)?(?:节假日|假日|节日)(?:也|都|均|全部)?(?:无休|不休息?|不打烊|(?:照常|正常)(?:营业|开门|上班)?)|无休|不休息?|
    {word("open (?:on )?(?:public |bank )?holidays")}"""
)
NOISE = pattern(
    rf"""营业(?:时间段?|中)?|开放时间|开门(?:时间)?|开店|时间段?|时段|上班|我们|咱们?家?|本店|小店|店里|店铺|门店|餐厅|咖啡馆|堂食|到店|
    (?:这|那)?(?:两|几|三|四|五)天|(?:早|午|晚|夜)(?:市|餐|茶|场)|全天|当天|照常|正常|期间|欢迎|光临|谢谢|惠顾|大家好|亲们?|
    [的是为在从都和及也呢啊哦了吧均则各由跟与就每间店家]|
    {word("we(?:'re)?|are|is|our|it'?s|open(?:ing|s|ed)?|hours?|times?|the|from|on|at|of|and|every|each")}|
    {word("business|trading|store|shop|restaurant|caf[eé]|bar|please|thanks?(?: you)?|welcome|hi|hello|then|with")}"""
)
# How far an item stands from the one before it.
NEAR, COMMA, NEWLINE, STRONG = range(4)
GAPS = {
    NEWLINE: re.compile(r"\n"),
    STRONG: re.compile(r"[;。.!?]+"),
    COMMA: re.compile(r"[,、|/&+·•(]+"),
    NEAR: re.compile(r"[\s:)\[\]{}【】「」『』<>《》\"'“”‘’*#\-–—~=_]+"),
}
