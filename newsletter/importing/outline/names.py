"""Names of people."""

import re

from newsletter.importing.characters import compact

# The hundred commonest surnames: a name alone under a title is the author's.
_SURNAMES = frozenset(
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏"
    "钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
_NAME = re.compile("[\u4e00-\u9fff]{2,4}|[\u4e00-\u9fff] [\u4e00-\u9fff]")


def is_name_line(text: str) -> bool:
    """One to four Chinese names, separated by spaces or 、."""
    if len(text) > 20:
        return False
    parts = [text] if _NAME.fullmatch(text) else re.split("[ 、，]", text)
    return 1 <= len(parts) <= 4 and all(
        _NAME.fullmatch(part) and part[0] in _SURNAMES and len(compact(part)) <= 3 for part in parts
    )
