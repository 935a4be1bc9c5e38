"""The sheet on top of a parcel, in both languages: what is in it, and what is not."""

from o2o.parcel.carried import CARRIED

HEAD = (
    "这家店在本站的全部数据。",
    "Everything this site keeps of your shop.",
    "",
    "csv/   表格，用 Excel 或 WPS 打开；时间是本地时间，金额带小数。",
    "       Tables for Excel, WPS or Numbers: local times, amounts with decimals.",
    "json/  同样的内容，给程序用；时间是 UTC，金额是最小货币单位（分）。",
    "       The same for programs: times in UTC, amounts in minor units (fen, cents).",
    "photos/ 店铺照片。  Pictures of the shop.",
    "",
    "顾客只以代号出现；同意与你保持联系的顾客，附上他们留下的联系方式。评价用另一套代号，与顾客表对不上，这是有意的。",
    "Guests are pseudonyms. Those who agreed to stay in touch come with the contact they gave. Reviews use other",
    "pseudonyms that cannot be matched with the guests; that is on purpose.",
    "不在里面的：密钥、券码、PIN、顾客账号、其他店的任何内容；也没有以前店主的经营数据。",
    "Not in it: keys, voucher codes, PINs, account numbers of guests, anything of other shops or of former owners.",
    "请妥善保管，也请对得起顾客的信任。  Keep it safe; your guests trust you with it.",
    "",
)
VISITS = "visits_per_day  每天到店次数 / Arrivals per day and poster"


def text() -> str:
    """Write the sheet."""
    lines = [f"{name}  {carried.zh} / {carried.en}" for name, carried in CARRIED.items()]
    return "\r\n".join((*HEAD, *lines, VISITS, ""))
