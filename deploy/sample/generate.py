#!/usr/bin/env python3
"""Writes the sample year: one row for each dossier of the town of Tân Uyên in 2018.

The totals are the published ones (19,705 received; 18,738 resolved, of them 2,899 early, 14,904 on time,
935 late and 58 returned by post) and the procedures are real. Everything else, above all every name and every
telephone number, is invented: all numbers carry "00" behind their prefix. The same program writes the same
bytes on every machine: only random.random() is used, which Python keeps stable for a seed.

Usage: generate.py [FILE]      (default: tan-uyen-2018.csv.gz beside this program)
"""

import csv
import datetime as dt
import gzip
import io
import pathlib
import random
import sys

RECEIVED, RESOLVED, EARLY, LATE, BY_POST = 19705, 18738, 2899, 935, 58
STATUS_OF_UNRESOLVED = {4: 560, 5: 130, 8: 120, 3: 110, 7: 47}
SEED = 2018

COLUMNS = ("code,status,commune,procedure_code,procedure_name,field,applicant_name,phone,submitted_by,return_by,"
           "received_at,due_at,finished_at,returned_at,note").split(",")

# Unit code, number inside the dossier code, dossiers of the year, how often late beside the others.
COMMUNES = [
    ("25888", 11, 2600, 0.8), ("25891", 12, 2500, 1.0), ("25939", 13, 2700, 1.5), ("25921", 14, 2100, 1.1),
    ("25920", 15, 1700, 0.7), ("25936", 16, 1100, 1.0), ("25912", 17, 1500, 1.2), ("25915", 18, 1700, 1.7),
    ("25933", 19, 1300, 0.9), ("25924", 20, 1300, 0.6), ("25930", 21, 750, 0.5), ("25937", 22, 455, 0.8),
]

# Code, name, field, working days (0: the same day), share of the counter's work.
PROCEDURES = [
    ("2.000815", "Chứng thực bản sao từ bản chính", "Chứng thực", 0, 300),
    ("2.000884", "Chứng thực chữ ký trong các giấy tờ, văn bản", "Chứng thực", 0, 95),
    ("2.000908", "Thủ tục cấp bản sao từ sổ gốc", "Chứng thực", 0, 12),
    ("2.001035", "Chứng thực giao dịch liên quan đến tài sản là động sản, quyền sử dụng đất, nhà ở", "Chứng thực", 2, 14),
    ("2.001019", "Chứng thực di chúc", "Chứng thực", 2, 2),
    ("2.001016", "Chứng thực văn bản từ chối nhận di sản", "Chứng thực", 2, 4),
    ("2.001406", "Chứng thực văn bản phân chia di sản mà di sản là động sản, quyền sử dụng đất, nhà ở", "Chứng thực", 2, 3),
    ("2.000913", "Chứng thực việc sửa đổi, bổ sung, hủy bỏ giao dịch", "Chứng thực", 2, 2),
    ("2.000942", "Cấp bản sao có chứng thực từ bản chính giao dịch đã được chứng thực", "Chứng thực", 0, 5),
    ("1.001193", "Thủ tục đăng ký khai sinh", "Hộ tịch", 0, 95),
    ("1.000656", "Thủ tục đăng ký khai tử", "Hộ tịch", 0, 30),
    ("2.000635", "Cấp bản sao Trích lục hộ tịch, bản sao Giấy khai sinh", "Hộ tịch", 0, 80),
    ("1.000894", "Thủ tục đăng ký kết hôn", "Hộ tịch", 0, 40),
    ("1.004873", "Thủ tục cấp Giấy xác nhận tình trạng hôn nhân", "Hộ tịch", 3, 62),
    ("1.004859", "Thủ tục thay đổi, cải chính, bổ sung thông tin hộ tịch, xác định lại dân tộc", "Hộ tịch", 3, 22),
    ("1.004884", "Thủ tục đăng ký lại khai sinh", "Hộ tịch", 5, 18),
    ("1.004772", "Thủ tục đăng ký khai sinh cho người đã có hồ sơ, giấy tờ cá nhân", "Hộ tịch", 5, 5),
    ("1.001022", "Thủ tục đăng ký nhận cha, mẹ, con", "Hộ tịch", 3, 5),
    ("1.000689", "Thủ tục đăng ký khai sinh kết hợp đăng ký nhận cha, mẹ, con", "Hộ tịch", 3, 5),
    ("1.004746", "Thủ tục đăng ký lại kết hôn", "Hộ tịch", 5, 4),
    ("1.005461", "Đăng ký lại khai tử", "Hộ tịch", 5, 3),
    ("1.004837", "Thủ tục đăng ký giám hộ", "Hộ tịch", 3, 2),
    ("1.004845", "Thủ tục đăng ký chấm dứt giám hộ", "Hộ tịch", 2, 1),
    ("2.000986", "Liên thông thủ tục hành chính về đăng ký khai sinh, đăng ký thường trú, cấp thẻ bảo hiểm y tế cho trẻ em dưới 6 tuổi", "Hộ tịch", 20, 16),
    ("2.001023", "Liên thông các thủ tục hành chính về đăng ký khai sinh, cấp Thẻ bảo hiểm y tế cho trẻ em dưới 6 tuổi", "Hộ tịch", 15, 30),
    ("2.001263", "Đăng ký việc nuôi con nuôi trong nước", "Nuôi con nuôi", 30, 1),
    ("1.012812", "Hòa giải tranh chấp đất đai", "Đất đai", 30, 8),
    ("1.012796", "Đính chính Giấy chứng nhận đã cấp lần đầu có sai sót", "Đất đai", 8, 9),
    ("1.012817", "Xác định lại diện tích đất ở của hộ gia đình, cá nhân đã được cấp Giấy chứng nhận trước ngày 01 tháng 7 năm 2004", "Đất đai", 20, 3),
    ("1.001776", "Thực hiện, điều chỉnh, thôi hưởng trợ cấp xã hội hàng tháng", "Bảo trợ xã hội", 10, 14),
    ("1.001731", "Hỗ trợ chi phí mai táng cho đối tượng bảo trợ xã hội", "Bảo trợ xã hội", 5, 6),
    ("1.001699", "Xác định, xác định lại mức độ khuyết tật và cấp Giấy xác nhận khuyết tật", "Bảo trợ xã hội", 25, 5),
    ("2.000751", "Trợ giúp xã hội đột xuất về hỗ trợ làm nhà ở, sửa chữa nhà ở", "Bảo trợ xã hội", 10, 2),
    ("1.011607", "Công nhận hộ nghèo, hộ cận nghèo thường xuyên hằng năm", "Giảm nghèo", 15, 5),
    ("1.010833", "Cấp giấy xác nhận thân nhân của người có công", "Người có công", 3, 8),
    ("1.010803", "Giải quyết chế độ trợ cấp thờ cúng liệt sĩ", "Người có công", 10, 4),
    ("1.001612", "Đăng ký thành lập hộ kinh doanh", "Hộ kinh doanh", 3, 10),
    ("2.000720", "Đăng ký thay đổi nội dung đăng ký hộ kinh doanh", "Hộ kinh doanh", 3, 4),
    ("1.004194", "Đăng ký tạm trú", "Đăng ký, quản lý cư trú", 3, 24),
    ("1.002755", "Gia hạn tạm trú", "Đăng ký, quản lý cư trú", 3, 8),
]
LONG = [procedure for procedure in PROCEDURES if procedure[3] >= 10]
SHORT = [procedure for procedure in PROCEDURES if procedure[3] == 0]

HOLIDAYS = {dt.date(2018, 1, 1), *(dt.date(2018, 2, day) for day in range(14, 21)), dt.date(2018, 4, 25),
            dt.date(2018, 4, 30), dt.date(2018, 5, 1), dt.date(2018, 9, 3), dt.date(2018, 12, 31),
            dt.date(2019, 1, 1), *(dt.date(2019, 2, day) for day in range(4, 9))}
MONTHS = [1.0, 0.7, 1.25, 1.05, 1.0, 1.05, 1.1, 1.15, 1.05, 1.0, 0.95, 0.9]  # school starts, Tết empties the town
LAST_DAY = dt.date(2018, 12, 28)  # 31 December was a holiday in lieu
RENUMBERED = dt.date(2018, 9, 15)

FAMILY = "Nguyễn Nguyễn Nguyễn Nguyễn Trần Trần Lê Lê Phạm Huỳnh Huỳnh Võ Phan Trương Bùi Đặng Đỗ Ngô Hồ Dương Lý Mai Đoàn Tô".split()
MEN = "Văn Văn Hữu Minh Quốc Thanh Đức Công Hoàng Ngọc".split(), "An Bình Cường Dũng Đạt Hải Hiếu Hùng Khoa Lâm Long Nam Nghĩa Phong Phúc Quân Sơn Tài Thành Trung Tuấn Việt Vinh".split()
WOMEN = "Thị Thị Thị Ngọc Kim Thanh Mỹ Hồng Thùy Bích".split(), "Anh Châu Diễm Dung Hà Hạnh Hoa Hương Lan Linh Loan Mai My Nga Ngân Nhung Oanh Phượng Thảo Thu Trang Tuyết Vân Yến".split()

PREFIXES = "090 093 0896 091 094 088 096 097 098 086 092".split()
OLD_PREFIXES = {"0120": "070", "0121": "079", "0122": "077", "0126": "076", "0128": "078", "0123": "083",
                "0124": "084", "0125": "085", "0127": "081", "0129": "082", "0162": "032", "0163": "033",
                "0164": "034", "0165": "035", "0166": "036", "0167": "037", "0168": "038", "0169": "039",
                "0186": "056", "0188": "058", "0199": "059"}
MALFORMED = ["không có", "09", "0900 12 34", "09000x1234", "0900001234567", "x", "00000", "chưa có sđt", "01670012", "113"]

REASONS = {
    3: ["Hồ sơ không thuộc thẩm quyền của xã, phường", "Thiếu bản chính để đối chiếu", "Giấy tờ đã hết hiệu lực",
        "Thông tin trên tờ khai không khớp giấy tờ tùy thân", "Chưa có giấy xác nhận nơi cư trú"],
    5: ["Bản sao sổ hộ khẩu", "Giấy chứng sinh bản chính", "Giấy xác nhận tình trạng hôn nhân ở nơi cư trú trước",
        "Bản sao giấy chứng minh nhân dân của hai bên", "Văn bản ủy quyền có chứng thực", "Sơ đồ vị trí thửa đất"],
    7: ["Công dân đề nghị rút hồ sơ", "Công dân xin rút để bổ sung sau", "Công dân chuyển nơi cư trú, xin rút hồ sơ"],
    8: ["Đang có tranh chấp, chờ kết luận của tòa án", "Không đủ điều kiện theo quy định",
        "Thông tin hộ tịch không có trong sổ gốc", "Thửa đất nằm trong quy hoạch", "Hồ sơ giả mạo, chuyển cơ quan điều tra"],
}


class Dice:
    """Choices drawn from random() alone."""

    def __init__(self, seed):
        self.random = random.Random(seed).random

    def chance(self, share):
        return self.random() < share

    def below(self, count):
        return int(self.random() * count)

    def one_of(self, things):
        return things[self.below(len(things))]

    def weighted(self, things, weights):
        at = self.random() * sum(weights)
        for thing, weight in zip(things, weights):
            at -= weight
            if at < 0:
                return thing
        return things[-1]

    def some(self, things, count, weight):
        """count different things, those of greater weight more often, in their old order."""
        keyed = [(-(self.random() ** (1.0 / max(weight(thing), 1e-9))), i) for i, thing in enumerate(things)]
        return [things[i] for i in sorted(i for _, i in sorted(keyed)[:count])]

    def days(self, mean):
        """A geometric number of days, at least 1."""
        days = 1
        while days < 25 and self.random() > 1.0 / mean:
            days += 1
        return days


def is_working_day(day):
    return day.weekday() < 5 and day not in HOLIDAYS


def working_day(day, steps):
    """The working day that lies so many working days after the given one."""
    while steps > 0:
        day += dt.timedelta(days=1)
        steps -= is_working_day(day)
    return day


def working_days(start, end):
    day, days = start, []
    while day <= end:
        if is_working_day(day):
            days.append(day)
        day += dt.timedelta(days=1)
    return days


def at(day, minutes):
    return dt.datetime.combine(day, dt.time(minutes // 60, minutes % 60))


def office_minute(dice, first=7 * 60 + 35, last=16 * 60 + 45):
    """A minute at which the counter is open: 7:30 to 11:30 and 13:30 to 17:00."""
    while True:
        minute = first + dice.below(max(last - first, 1))
        if minute < 11 * 60 + 30 or minute >= 13 * 60 + 30:
            return minute
        if first >= 11 * 60 + 30 and last < 13 * 60 + 30:
            return 13 * 60 + 30


class Dossier:
    __slots__ = ("commune", "received", "procedure", "due", "status", "finished", "returned", "outcome", "post",
                 "submitted", "name", "phone", "note", "code")

    def set_due(self):
        days = self.procedure[3]
        if days == 0 and self.received.hour >= 15:
            days = 1  # brought late in the afternoon: ready the next working day
        self.due = at(working_day(self.received.date(), days), 17 * 60)


def receive(dice):
    days = working_days(dt.date(2018, 1, 2), LAST_DAY)
    weights = [MONTHS[day.month - 1] * (1.25 if day.weekday() == 0 else 1.0) for day in days]
    dossiers = []
    for commune in COMMUNES:
        for _ in range(commune[2]):
            dossier = Dossier()
            dossier.commune = commune
            day = dice.weighted(days, weights)
            last = 14 * 60 + 30 if day == LAST_DAY else 16 * 60 + 45
            dossier.received = at(day, office_minute(dice, last=last)) + dt.timedelta(seconds=dice.below(60))
            dossier.procedure = dice.weighted(PROCEDURES, [procedure[4] for procedure in PROCEDURES])
            dossier.set_due()
            dossiers.append(dossier)
    dossiers.sort(key=lambda dossier: (dossier.received, dossier.commune[1]))
    return dossiers


def leave_unresolved(dice, dossiers):
    end = at(LAST_DAY, 17 * 60)
    autumn = [dossier for dossier in dossiers if dossier.received.date() >= dt.date(2018, 11, 26)]
    for dossier in dice.some(autumn, STATUS_OF_UNRESOLVED[4], lambda d: (d.received.date() - dt.date(2018, 11, 20)).days):
        dossier.status = 4
        if dossier.due <= end and dice.chance(0.88):  # the others are overdue and still on the desk
            dossier.procedure = dice.weighted(LONG, [procedure[4] for procedure in LONG])
            dossier.set_due()
    for status, count in STATUS_OF_UNRESOLVED.items():
        open_ones = [d for d in dossiers if d.status is None and (status != 5 or d.received.month >= 10)]
        if status != 4:
            for dossier in dice.some(open_ones, count, lambda d: 1 + d.procedure[3]):
                dossier.status = status
                dossier.note = dice.one_of(REASONS[status])
    for dossier in dossiers:
        if dossier.status is None and dossier.due > end:
            dossier.procedure = dice.weighted(SHORT, [procedure[4] for procedure in SHORT])
            dossier.set_due()


def finish_late(dice, dossiers):
    room = lambda d: len(working_days(d.due.date() + dt.timedelta(days=1), LAST_DAY))
    able = [d for d in dossiers if room(d) > 0]
    for dossier in dice.some(able, LATE, lambda d: d.commune[3] ** 1.6 * (0.35 if d.procedure[3] == 0 else 3.0)):
        days = min(dice.days(2.2 if dossier.procedure[3] == 0 else 5.0), room(dossier))
        dossier.outcome = "late"
        dossier.finished = at(working_day(dossier.due.date(), days), office_minute(dice))


def finish_early(dice, dossiers):
    able = [d for d in dossiers if d.outcome is None and d.due.date() > d.received.date()]
    for dossier in dice.some(able, EARLY, lambda d: 1 + d.procedure[3]):
        dossier.outcome = "early"
        days = working_days(dossier.received.date(), dossier.due.date() - dt.timedelta(days=1))
        day = days[max(len(days) - dice.days(2.0), 0)]
        first = dossier.received.hour * 60 + dossier.received.minute + 10 if day == dossier.received.date() else 455
        dossier.finished = at(day, office_minute(dice, first, 16 * 60 + 58))


def finish_on_time(dice, dossiers):
    for dossier in dossiers:
        if dossier.outcome is not None:
            continue
        dossier.outcome = "on time"
        first = 8 * 60
        last = 16 * 60 + 55
        if dossier.due.date() == dossier.received.date():
            first = dossier.received.hour * 60 + dossier.received.minute + 15
            last = min(first + 150, 16 * 60 + 58)
        dossier.finished = at(dossier.due.date(), office_minute(dice, first, last))


def hand_over(dice, dossiers):
    for dossier in dice.some(dossiers, BY_POST, lambda d: 1.0 if d.finished.date() < dt.date(2018, 12, 20) else 1e-6):
        dossier.post = True
    for dossier in dossiers:
        day, minute = dossier.finished.date(), dossier.finished.hour * 60 + dossier.finished.minute
        if dossier.post:
            returned = at(working_day(day, 1 + dice.days(1.6)), office_minute(dice, 8 * 60))
        elif dossier.procedure[3] == 0 and minute < 16 * 60 + 30:
            returned = at(day, office_minute(dice, minute + 5, 16 * 60 + 59))
        elif dice.chance(0.02):
            returned = None  # never came to collect it
        else:
            returned = at(working_day(day, dice.days(2.0)), office_minute(dice))
        if returned is not None and returned.date() <= LAST_DAY:
            dossier.returned = returned
        dossier.status = 10 if dossier.returned else 9


def person(dice):
    middle, given = WOMEN if dice.chance(0.53) else MEN
    name = f"{dice.one_of(FAMILY)} {dice.one_of(middle)} {dice.one_of(given)}"
    if dice.chance(0.38):
        old = dice.one_of(sorted(OLD_PREFIXES))
        number = (old, f"00{dice.below(100000):05d}")
    else:
        prefix = dice.one_of(PREFIXES)
        number = (prefix, f"00{dice.below(10 ** (8 - len(prefix))):0{8 - len(prefix)}d}")
    return name, number


def written(dice, number, day):
    """The number as the official wrote it on that day."""
    prefix, rest = number
    if prefix in OLD_PREFIXES and (day >= RENUMBERED and not dice.chance(0.12)):
        prefix = OLD_PREFIXES[prefix]
    plain = prefix + rest
    style = dice.random()
    if style < 0.05:
        return f"{prefix}.{rest[:-3]}.{rest[-3:]}"
    if style < 0.09:
        return f"{prefix} {rest[:-4]} {rest[-4:]}"
    if style < 0.11:
        return "+84" + plain[1:]
    if style < 0.12:
        return plain[1:]  # a spreadsheet ate the zero
    return plain


def name_applicants(dice, dossiers):
    known = {commune[0]: [] for commune in COMMUNES}
    brokers = {commune[0]: person(dice)[1] for commune in COMMUNES}
    for dossier in dossiers:
        home = known[dossier.commune[0]]
        if home and dice.chance(0.22):
            name, number = home[dice.below(len(home))]
        else:
            name, number = person(dice)
            home.append((name, number))
        dossier.name = name
        kind = dice.random()
        if kind < 0.25:
            dossier.phone = ""
        elif kind < 0.285:
            dossier.phone = dice.one_of(["0274 3", "02743", "0650 3", "(0274) 3"]) + f"00{dice.below(10000):04d}"
        elif kind < 0.30:
            dossier.phone = dice.one_of(MALFORMED)
        elif kind < 0.315:
            dossier.phone = written(dice, brokers[dossier.commune[0]], dossier.received.date())
        elif kind < 0.322:
            dossier.phone = written(dice, number, dossier.received.date()) + " / " + f"0274300{dice.below(10000):04d}"
        else:
            dossier.phone = written(dice, number, dossier.received.date())


def number_codes(dossiers):
    counts = {}
    for dossier in dossiers:
        key = (dossier.commune[1], dossier.received.date())
        counts[key] = counts.get(key, 0) + 1
        dossier.code = f"000.25.{key[0]}.H09-{key[1]:%y%m%d}-{counts[key]:04d}"


def build():
    dice = Dice(SEED)
    dossiers = receive(dice)
    for dossier in dossiers:
        dossier.status = dossier.finished = dossier.returned = dossier.outcome = None
        dossier.post, dossier.note = False, ""
    leave_unresolved(dice, dossiers)
    resolved = [dossier for dossier in dossiers if dossier.status is None]
    finish_late(dice, resolved)
    finish_early(dice, resolved)
    finish_on_time(dice, resolved)
    hand_over(dice, resolved)
    for dossier in dossiers:
        dossier.submitted = dice.weighted(["counter", "online", "post"], [0.965, 0.025, 0.01])
    name_applicants(dice, dossiers)
    number_codes(dossiers)
    return dossiers


def show(time):
    return time.strftime("%Y-%m-%dT%H:%M:%S+07:00") if time else ""


def row(dossier):
    procedure = dossier.procedure
    return [dossier.code, dossier.status, dossier.commune[0], procedure[0], procedure[1], procedure[2], dossier.name,
            dossier.phone, dossier.submitted, "post" if dossier.post else "counter", show(dossier.received),
            show(dossier.due), show(dossier.finished), show(dossier.returned), dossier.note]


def write(path):
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    table.writerows(row(dossier) for dossier in build())
    with open(path, "wb") as file, gzip.GzipFile(filename="", mode="wb", fileobj=file, compresslevel=9, mtime=0) as packed:
        packed.write(text.getvalue().encode())


if __name__ == "__main__":
    if len(sys.argv) > 2 or "-h" in sys.argv or "--help" in sys.argv:
        sys.exit(__doc__)
    write(sys.argv[1] if len(sys.argv) == 2 else pathlib.Path(__file__).with_name("tan-uyen-2018.csv.gz"))
