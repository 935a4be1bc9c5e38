"""Opening hours as owners say them: what is understood, what is doubted, what is handed back."""

import pytest

from o2o.said_hours.hearing import Heard, hear
from o2o.said_hours.scan import MOST_LETTERS

NAMES = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")


def short(heard: Heard) -> str:
    """Write a week in short: equal neighbours together, days that were not named left out."""
    runs: list[list[int]] = []
    for day in range(7):
        if runs and heard.week[day] == heard.week[runs[-1][-1]]:
            runs[-1].append(day)
        else:
            runs.append([day])
    said = []
    for run in runs:
        spans = heard.week[run[0]]
        if spans is None:
            continue
        name = NAMES[run[0]] if len(run) == 1 else f"{NAMES[run[0]]}-{NAMES[run[-1]]}"
        said.append(f"{name} " + (",".join("-".join(span) for span in spans) or "off"))
    return "; ".join(said)


SURE = [
    (
        "周一到周五早上九点到晚上十点，周末10点到23点半，周三休息",
        "Mo-Tu 09:00-22:00; We off; Th-Fr 09:00-22:00; Sa-Su 10:00-23:30",
    ),
    ("每天10:00-22:00", "Mo-Su 10:00-22:00"),
    ("24小时营业", "Mo-Su 00:00-24:00"),
    ("全天24小时营业", "Mo-Su 00:00-24:00"),
    ("24/7", "Mo-Su 00:00-24:00"),
    ("Open 24 hours", "Mo-Su 00:00-24:00"),
    ("营业时间：周一至周日 10:00-22:00", "Mo-Su 10:00-22:00"),
    (
        "周一到周五9点到21点周末10点到22点周三休息",
        "Mo-Tu 09:00-21:00; We off; Th-Fr 09:00-21:00; Sa-Su 10:00-22:00",
    ),
    (
        "星期一至星期五：08:30～17:30；星期六：09:00～12:00；星期日休息",
        "Mo-Fr 08:30-17:30; Sa 09:00-12:00; Su off",
    ),
    ("礼拜天休息，其他时间早上8点到晚上8点", "Mo-Sa 08:00-20:00; Su off"),
    ("早9点到晚9点，全年无休", "Mo-Su 09:00-21:00"),
    ("工作日 7:30-20:00 双休日 9:00-21:00", "Mo-Fr 07:30-20:00; Sa-Su 09:00-21:00"),
    (
        "周一到周四 18:00-次日2:00 周五周六 18:00-4:00 周日休息",
        "Mo-Th 18:00-02:00; Fr-Sa 18:00-04:00; Su off",
    ),
    ("每天下午五点到次日凌晨两点半", "Mo-Su 17:00-02:30"),
    ("每天晚上6点到凌晨2点", "Mo-Su 18:00-02:00"),
    ("每天上午十点半到晚上二十二点", "Mo-Su 10:30-22:00"),
    ("每天从早上十点一直到晚上九点", "Mo-Su 10:00-21:00"),
    ("每天早上10点开门，晚上10点关门", "Mo-Su 10:00-22:00"),
    ("每天十点开门二十二点打烊 周一休息", "Mo off; Tu-Su 10:00-22:00"),
    ("除周三外每天10:00-22:00", "Mo-Tu 10:00-22:00; We off; Th-Su 10:00-22:00"),
    ("每天10-22，周三除外", "Mo-Tu 10:00-22:00; We off; Th-Su 10:00-22:00"),
    ("平时10点到22点，周末10点到23点", "Mo-Fr 10:00-22:00; Sa-Su 10:00-23:00"),
    ("平时10点到22点，周末除外", "Mo-Fr 10:00-22:00; Sa-Su off"),
    ("周三休息 其余10:00-22:00", "Mo-Tu 10:00-22:00; We off; Th-Su 10:00-22:00"),
    ("节假日正常营业，周一到周日9:00-21:00", "Mo-Su 09:00-21:00"),
    ("10:00-22:00（周一至周五）\n11:00-23:00（周六、周日）", "Mo-Fr 10:00-22:00; Sa-Su 11:00-23:00"),
    ("周日到周四10点到22点，周五周六10点到24点", "Mo-Th 10:00-22:00; Fr-Sa 10:00-24:00; Su 10:00-22:00"),
    (
        "每天10:00-22:00，午休14:00-17:00，周三休息",
        "Mo-Tu 10:00-14:00,17:00-22:00; We off; Th-Su 10:00-14:00,17:00-22:00",
    ),
    ("每天9:00-18:00，中午12:00-13:00休息", "Mo-Su 09:00-12:00,13:00-18:00"),
    ("每天９：００－２１：００", "Mo-Su 09:00-21:00"),
    ("週一至週五 上午九點至下午六點，週末休息", "Mo-Fr 09:00-18:00; Sa-Su off"),
    ("每天上午9点到12点，下午2点到6点", "Mo-Su 09:00-12:00,14:00-18:00"),
    ("每天上午9-12点下午2-6点", "Mo-Su 09:00-12:00,14:00-18:00"),
    ("每日早上七点一刻到晚上八点三刻", "Mo-Su 07:15-20:45"),
    ("周一:10:00-20:00,周二到周六:10:00-18:00,周日:不营业", "Mo 10:00-20:00; Tu-Sa 10:00-18:00; Su off"),
    ("周1-5 9:00-18:00 周末休", "Mo-Fr 09:00-18:00; Sa-Su off"),
    ("周五至周一10:00-22:00，周二至周四休息", "Mo 10:00-22:00; Tu-Th off; Fr-Su 10:00-22:00"),
    (
        "周一三五 9:00-18:00 其余休息",
        "Mo 09:00-18:00; Tu off; We 09:00-18:00; Th off; Fr 09:00-18:00; Sa-Su off",
    ),
    ("每天零点到早上六点", "Mo-Su 00:00-06:00"),
    ("每天中午十二点到午夜", "Mo-Su 12:00-24:00"),
    ("⏰ 每天 9:00-21:00 ☎️", "Mo-Su 09:00-21:00"),
    ("9am-5pm Mon-Fri, 10am-4pm Sat, closed Sun", "Mo-Fr 09:00-17:00; Sa 10:00-16:00; Su off"),
    (
        "Monday: 9:00 AM – 5:00 PM\nTuesday: Closed\nWednesday: 9 AM–5 PM\nThursday: 9 AM–5 PM\n"
        "Friday: 9 AM–10 PM\nSaturday: 10 AM–10 PM\nSunday: Closed",
        "Mo 09:00-17:00; Tu off; We-Th 09:00-17:00; Fr 09:00-22:00; Sa 10:00-22:00; Su off",
    ),
    ("daily except Monday 10am-6pm", "Mo off; Tu-Su 10:00-18:00"),
    ("Every day 11:30-14:30, 17:00-22:00", "Mo-Su 11:30-14:30,17:00-22:00"),
    ("weekdays 8am to 6pm weekends 9am to 4pm", "Mo-Fr 08:00-18:00; Sa-Su 09:00-16:00"),
    ("open daily from 9am until 5pm", "Mo-Su 09:00-17:00"),
    ("noon to midnight every day", "Mo-Su 12:00-24:00"),
    ("Fri & Sat 6pm-2am; Sun-Thu 6pm-midnight", "Mo-Th 18:00-24:00; Fr-Sa 18:00-02:00; Su 18:00-24:00"),
    ("Mo-Fr 09:00-18:00; Sa 10:00-16:00; Su off", "Mo-Fr 09:00-18:00; Sa 10:00-16:00; Su off"),
    (
        "Mon to Thurs 11-22, Fri 11-24, Sat 11–24, Sun 12–20",
        "Mo-Th 11:00-22:00; Fr-Sa 11:00-24:00; Su 12:00-20:00",
    ),
    ("0900-1730 every day", "Mo-Su 09:00-17:30"),
    ("11am–3pm, 5pm–10pm Tue–Sun, closed Monday", "Mo off; Tu-Su 11:00-15:00,17:00-22:00"),
    ("Tues-Sun 5.30pm - 11pm. Mon closed", "Mo off; Tu-Su 17:30-23:00"),
    ("between 8 a.m. and 8 p.m. every day", "Mo-Su 08:00-20:00"),
    ("opens at 9am, closes at 5pm daily", "Mo-Su 09:00-17:00"),
    ("Closed Sundays, Mon-Sat 9am-5pm", "Mo-Sa 09:00-17:00; Su off"),
    ("Mon-Fri 9am-5pm weekends closed", "Mo-Fr 09:00-17:00; Sa-Su off"),
    ("seven days a week 07:00-19:00", "Mo-Su 07:00-19:00"),
    ("WE ARE OPEN 9AM TO 9PM EVERY DAY. WELCOME!", "Mo-Su 09:00-21:00"),
]


@pytest.mark.parametrize(("text", "week"), SURE)
def test_what_is_said_plainly_is_understood(text: str, week: str) -> None:
    heard = hear(text)
    assert (short(heard), heard.doubts, heard.left) == (week, [], [])


DOUBTED = [
    ("中午11点半到2点，下午5点到9点", "Mo-Su 11:30-14:00,17:00-21:00", {"every_day", "read"}),
    ("Mon-Fri 9am-5:30pm, Sat 10-4, closed Sundays", "Mo-Fr 09:00-17:30; Sa 10:00-16:00; Su off", {"read"}),
    ("9-5 Mon-Fri weekends closed", "Mo-Fr 09:00-17:00; Sa-Su off", {"read"}),
    ("nine to five, Monday to Friday", "Mo-Fr 09:00-17:00", {"read", "unsaid"}),
    ("half past nine to six, Mon-Sat", "Mo-Sa 09:30-18:00", {"read", "unsaid"}),
    ("每天早上9点到10点", "Mo-Su 09:00-10:00", {"read"}),
    ("每天十点到十点", "Mo-Su 10:00-22:00", {"read"}),
    ("每天两点到五点，六点到十点", "Mo-Su 14:00-17:00,18:00-22:00", {"read"}),
    ("每天晚上六点到两点", "Mo-Su 18:00-02:00", {"read"}),
    ("每天7点到晚上11点", "Mo-Su 07:00-23:00", {"read"}),
    ("周末全天营业", "Sa-Su 00:00-24:00", {"read", "unsaid"}),
    ("每天8:00-次日8:00", "Mo-Su 00:00-24:00", {"read"}),
    ("Mon-Fri 9-5, closed for lunch 12-1", "Mo-Fr 09:00-12:00,13:00-17:00", {"read", "unsaid"}),
    ("daily 7 till late", "Mo-Su 07:00-", {"end"}),
    ("每天7点到很晚", "Mo-Su 07:00-", {"end"}),
    ("早上10点开门", "Mo-Su 10:00-", {"every_day", "end"}),
    ("早九晚五，周末休息", "Mo-Fr 09:00-17:00; Sa-Su off", {"every_day"}),
    ("7:30-19:30", "Mo-Su 07:30-19:30", {"every_day"}),
    ("周一到周五 9:00-18:00。13:00-20:00", "Mo-Fr 09:00-18:00,13:00-20:00", {"again", "overlap", "unsaid"}),
    ("周一休息", "Mo off", {"unsaid"}),
    (
        "周一到周三 9:00-17:00，周三到周五10:00-18:00",
        "Mo-Tu 09:00-17:00; We-Fr 10:00-18:00",
        {"twice", "unsaid"},
    ),
    ("每天9:00-12:00，周一14:00-18:00", "Mo 14:00-18:00; Tu-Su 09:00-12:00", {"twice"}),
    ("周三休息，周三10:00-22:00", "We 10:00-22:00", {"twice", "unsaid"}),
    ("周末及节假日10:00-23:00，工作日11:00-22:00", "Mo-Fr 11:00-22:00; Sa-Su 10:00-23:00", {"holidays"}),
    ("closed Mon, Tue, Wed-Sun 10:00-18:00", "Mo off; Tu-Su 10:00-18:00", {"order"}),
]


@pytest.mark.parametrize(("text", "week", "kinds"), DOUBTED)
def test_what_can_be_meant_in_two_ways_is_said(text: str, week: str, kinds: set[str]) -> None:
    heard = hear(text)
    assert (short(heard), {doubt.kind for doubt in heard.doubts}, heard.left) == (week, kinds, [])


LEFT = [
    ("每天11:00~21:00（最后点餐20:30）", "Mo-Su 11:00-21:00", ["最后点餐 20:30"]),
    (
        "周二公休，11:00~21:00（最后点餐20:30）",
        "Mo 11:00-21:00; Tu off; We-Su 11:00-21:00",
        ["最后点餐 20:30"],
    ),
    ("最后点单21:30，每天10:00-22:00", "Mo-Su 10:00-22:00", ["最后点单 21:30"]),
    ("Kitchen 12-9pm, open daily 11am-11pm", "Mo-Su 11:00-23:00", ["Kitchen 12-9pm"]),
    ("夏季9:00-22:00，冬季10:00-21:00", "", ["夏季 9:00-22:00", "冬季 10:00-21:00"]),
    ("国庆10月1日-7日休息，每天10:00-22:00", "Mo-Su 10:00-22:00", ["国庆 10月1日-7日 休息"]),
    ("closed on public holidays, daily 9am-5pm", "Mo-Su 09:00-17:00", ["closed on public holidays"]),
    ("周三下午休息，每天9点到18点", "Mo-Su 09:00-18:00", ["周三 下午休息"]),
    ("周一9点到18点 周二同上", "Mo 09:00-18:00", ["同上", "周二"]),
    ("周五周六到凌晨2点", "", ["到凌晨2点", "周五 周六"]),
    ("每天9:00-25:00", "", ["9:00", "25:00", "每天"]),
    ("24小时热线 010-12345", "", ["24小时 热线 010 12345"]),
    ("电话 010-62345678 人均50-80元", "", ["电话 010 62345678 人均50 80元"]),
    ("今天下雨", "", ["今天下雨"]),
    ("never closed", "", ["never closed"]),
    ("", "", []),
    ("。。。！！", "", []),
]


@pytest.mark.parametrize(("text", "week", "left"), LEFT)
def test_what_is_not_understood_is_handed_back(text: str, week: str, left: list[str]) -> None:
    heard = hear(text)
    assert (short(heard), heard.left) == (week, left)


def test_a_doubt_names_what_was_said_and_how_it_was_read() -> None:
    (every, read) = hear("中午11点半到2点").doubts
    assert (every.kind, read) == ("every_day", ("read", "中午11点半到2点", "11:30–14:00", ()))
    assert hear("周末10点到22点").doubts == [("unsaid", "", "", (0, 1, 2, 3, 4))]


def test_what_is_too_long_is_said() -> None:
    heard = hear("每天9:00-21:00，" + "好" * MOST_LETTERS)
    assert short(heard) == "Mo-Su 09:00-21:00"
    assert heard.left[-1].endswith("…")
