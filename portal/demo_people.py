"""Who is in the demo: twelve firms and forty people, one at least in every state there is.

Nobody of them exists. The region codes of the firms (99…) are none of any place, the addresses
are of example.org (RFC 2606). Days are counted from the day on which the demo is loaded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from members.credit_code import check_character
from members.models import Application
from members.models.organization import Size
from members.roles import Role


@dataclass(frozen=True)
class Firm:
    """A member organisation.

    Attributes:
        number: makes its 统一社会信用代码; 0 while that is 待补.
        last: the last day of its membership, in days from today.
        days: how long that lasts, both days included.
        years_before: how many memberships of a year came before it.
        suspended: why, if it is.
    """

    name: str
    region: str
    industry: str
    size: str
    number: int
    last: int
    days: int = 365
    years_before: int = 0
    seats: int = 3
    suspended: str = ""

    @property
    def credit_code(self) -> str:
        if not self.number:
            return ""
        first = f"91{990000 + self.number * 100:06d}MA{self.number:07d}"
        return first + check_character(first)


@dataclass(frozen=True)
class Person:
    """Somebody of the demo.

    Attributes:
        what: what the list of accounts says of them; who has nothing there is not in it.
        firm: the name of the firm in which they have a seat, or had one, when `has_left`.
        last: the last day of a membership in person, in days from today.
        invited: whose first sign-in is still to come, by what they were invited.
        suspended: why, if they are.
    """

    member_number: str
    name: str
    what: str = ""
    role: Role | None = None
    phone: str = ""
    email: str = ""
    firm: str = ""
    is_contact: bool = False
    has_left: bool = False
    last: int | None = None
    invited: Literal["", "letter", "expired letter", "slip"] = ""
    suspended: str = ""
    is_active: bool = True


MACHINES = "样例市精工机械有限公司"
CARRIERS = "样例市云帆物流有限公司"
TEXTILES = "样例市晨曦纺织有限公司"
FOODS = "样例县清泉食品有限公司"
STONES = "样例市远山建材有限公司"
SOFTWARE = "样例区启明软件有限公司"
AUDITORS = "样例市恒信会计师事务所（普通合伙）"
FARMERS = "样例县丰禾农业专业合作社"
PACKAGING = "样例市联创包装有限公司"
TUTORS = "样例区博雅教育咨询有限公司"
GARAGES = "样例市安达汽车服务有限公司"
CHEMISTS = "样例市新港化工有限公司"

FIRMS = [
    Firm(MACHINES, "样例市", "通用设备制造", Size.SMALL, 1, 365, days=731),
    Firm(CARRIERS, "样例市", "道路运输", Size.SMALL, 2, -30, days=701),
    Firm(TEXTILES, "样例市", "纺织", Size.MEDIUM, 3, 30, years_before=3),
    Firm(FOODS, "样例县", "食品制造", Size.SMALL, 4, 15, years_before=1),
    Firm(STONES, "样例市", "非金属矿物制品", Size.SMALL, 5, 7, years_before=2),
    Firm(SOFTWARE, "样例区", "软件和信息技术服务", Size.MICRO, 6, -1),
    Firm(AUDITORS, "样例市", "商务服务", Size.SMALL, 7, 200, years_before=5, seats=2),
    Firm(FARMERS, "样例县", "农业", Size.MICRO, 8, 120, suspended="样例：登记事项待核实"),
    Firm(PACKAGING, "样例市", "造纸和纸制品", Size.SMALL, 9, 384),
    Firm(TUTORS, "样例区", "教育", Size.MICRO, 10, 7),
    Firm(GARAGES, "样例市", "机动车修理", Size.SMALL, 0, 300, seats=5),
    Firm(CHEMISTS, "样例市", "化学原料和制品", Size.LARGE, 12, 250, years_before=8, seats=8),
]

# The numbers of these nine never change: guides and tests name them.
ACCOUNTS = [
    Person(
        "M10000001",
        "样例·会员",
        "会员（会籍有效），单位联系人",
        phone="+8613800000001",
        firm=MACHINES,
        is_contact=True,
    ),
    Person(
        "M10000002",
        "样例·逾期会员",
        "会籍已到期",
        email="lapsed@example.org",
        firm=CARRIERS,
        is_contact=True,
    ),
    Person("M10000003", "样例·暂停会员", "已被暂停", firm=MACHINES, suspended="样例：账号外借"),
    Person("M10000004", "样例·无席位", "没有席位"),
    Person("E10000001", "样例·编辑", "编辑", Role.EDITOR, email="editor@example.org"),
    Person("E10000002", "样例·主编", "主编", Role.CHIEF_EDITOR),
    Person("S10000001", "样例·会员管理", "会员管理", Role.MEMBERSHIP),
    Person("A10000001", "样例·审计", "安全审计", Role.AUDITOR),
    Person("A10000002", "样例·管理员", "系统管理员", Role.ADMINISTRATOR),
]


def _at(number: int, name: str, firm: str = "", **more: object) -> Person:
    """A member with a phone, and with an e-mail address when the number is even."""
    fields: dict[str, object] = {
        "phone": f"+86138{number:08d}",
        "email": "" if number % 2 else f"m{number}@example.org",
        "firm": firm,
    }
    return Person(f"M100000{number}", f"样例·{name}", **(fields | more))  # type: ignore[arg-type]


PEOPLE = [
    *ACCOUNTS,
    _at(12, "吴晓", CARRIERS),
    # Ends in 30 days: the contact has had a letter.
    _at(14, "郑敏", TEXTILES, is_contact=True, what="会籍 30 天后到期，单位联系人"),
    _at(13, "王磊", TEXTILES),
    _at(15, "冯静", TEXTILES),
    # In 15 days: the contact has no e-mail, and is to be called.
    _at(17, "陈涛", FOODS, is_contact=True),
    _at(16, "褚云", FOODS),
    _at(18, "卫东", STONES, is_contact=True),
    _at(19, "蒋琳", STONES),
    _at(20, "沈洁", STONES),
    # Yesterday.
    _at(22, "韩松", SOFTWARE, is_contact=True, what="会籍昨天到期，单位联系人"),
    _at(21, "杨帆", SOFTWARE),
    # Every seat is taken.
    _at(24, "朱颖", AUDITORS, is_contact=True),
    _at(23, "秦岭", AUDITORS),
    _at(26, "尤佳", FARMERS, is_contact=True, what="单位已被暂停"),
    _at(25, "许诺", FARMERS),
    _at(28, "何川", PACKAGING, is_contact=True, what="会籍还没有开始"),
    _at(27, "吕宁", PACKAGING),
    # Has no contact.
    _at(29, "施然", TUTORS),
    _at(30, "张弛", TUTORS),
    _at(32, "孔明月", GARAGES, is_contact=True),
    _at(34, "曹阳", GARAGES, invited="letter"),
    _at(36, "严冬", GARAGES, invited="expired letter"),
    _at(31, "华英", GARAGES, invited="slip"),
    _at(38, "金鑫", CHEMISTS, is_contact=True, what="会员（会籍有效），推荐了一位同事"),
    _at(11, "周航", CHEMISTS),
    _at(33, "魏然", CHEMISTS, phone="", email=""),
    _at(40, "陶冶", CHEMISTS, phone=""),
    _at(35, "姜楠", CHEMISTS, has_left=True, is_active=False),
    # Members in person.
    _at(37, "戚薇", last=180, what="个人会员（会籍有效）"),
    _at(39, "谢芳", last=15),
    _at(41, "邹平", last=-10),
]

# Who has asked for their erasure, and whom a contact proposes.
LEAVING = "M10000040"
PROPOSER = "M10000038"
PROPOSED = {"name": "样例·喻欣", "phone": "138 0000 0051", "note": "接替年底退休的同事"}


def application() -> Application:
    """A firm that would like to join, but for the notice that it agreed to."""
    code = Firm("", "", "", "", 13, 0).credit_code
    return Application(
        reference="SQ20000001",
        organization_name="样例市柏林园艺有限公司",
        credit_code=code,
        region="样例市",
        industry="园林绿化",
        size=Size.MICRO,
        name="样例·苏木",
        phone="+8613800000052",
        remark="想让两位同事都能阅读。",
    )
