"""Texts that are meant to do harm: what may stand in a pool, a scenario, a plan or on the command line."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 200  # characters of a name
SPACES = " \t\n\v\f\r\x1c\x1d\x1e\x1f\x85\xa0\u2003\u200b\u2028\u2029\u3000\ufeff"

# what acts on a terminal or turns the reading direction, and what cannot be seen or written at all
ACTING = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)

FORMULAS = [
    *["=1+1", '=HYPERLINK("http://evil.example","x")', "=cmd|' /C calc'!A0", "=", "==", "=-1", '="a"', "='a"],
    *["+1", "+1-1", "+cmd|' /C calc'!A1", "+", "-1", "-1+1", "-", "--", "-x", "@SUM(1)", "@SUM(1+9)*cmd|'!A0", "@@x"],
    *[
        "|pipe",
        "|",
        "||",
        "a|b",
        "|=1",
        "a|=1+1",
        "=1|",
        "'",
        "''",
        "'=1",
        "''=1",
        "'+1",
        "'-1",
        "'@a",
        "'|x",
        "'2024",
        "'90s",
    ],
    *["\uff1d1+1", "\uff0b1", "\uff0d1", "\uff20SUM(1)", 'DDE("cmd";"/C calc")', ";=1+1", ",=1+1", '",=1+1,"'],
    *[
        "2024",
        "00123",
        "3-4",
        "12/11",
        "1e5",
        "1.5",
        "1,5",
        "1:2",
        "0x1F",
        "1E400",
        "NaN",
        "inf",
        "-inf",
        "TRUE",
        "#REF!",
    ],
]
MARKUP = [
    *["<script>alert(1)</script>", "</script><script>document.title=1337</script>", "<img src=x onerror=alert(1)>"],
    *['" onmouseover="alert(1)', "' onclick='alert(1)", "<svg/onload=alert(1)>", "<!--", "-->", "]]>", "<![CDATA[x]]>"],
    *["&lt;b&gt;", "&#x3c;script&#x3e;", "&nbsp;", "<a href='javascript:alert(1)'>x</a>", "javascript:alert(1)"],
    *["http://evil.example/?a=1&b=2", "https://evil.example/#x", "file:///etc/passwd", "data:text/html,<b>", "//evil"],
    *["[bold]", "[/]", "[/bold]", "[red]x[/red]", "[link=http://evil]x[/link]", "\\[bold]", "[[bold]]", "[]", "[", "]"],
    *[
        "[@click=app.bell]x[/]",
        "[blink]",
        "[#ff0000]x",
        ":smile:",
        ":warning:",
        "*b*",
        "_i_",
        "`c`",
        "# h",
        "- li",
        "> q",
    ],
    *[
        "{{7*7}}",
        "${7*7}",
        "#{7*7}",
        "{%raw%}",
        "{0}",
        "{}",
        "{name}",
        "{",
        "}",
        "{0.__class__}",
        "%s",
        "%n%n%n",
        "%(x)s",
    ],
    *[
        "%",
        "%d",
        "%%",
        "100%",
        "$x_{$",
        "$$",
        "a $\\frac$ b",
        "\\begin{x}",
        "$(id)",
        "`id`",
        "; rm -rf /",
        "&& ls",
        "$HOME",
    ],
]
SYNTAX = [
    *[
        '"',
        '""',
        '"""',
        'a"b',
        'a""b',
        '"a"',
        "a'b",
        "\\",
        "\\\\",
        "a\\",
        "\\n",
        "\\x1b[31m",
        "\\u202e",
        '\\"',
        "/",
        "//",
    ],
    *[
        "null",
        "~",
        "true",
        "no",
        "yes",
        "on",
        "{a: 1}",
        "[1, 2]",
        "a: b",
        "a: ",
        "- a",
        "? a",
        "!!python/object:os.system",
    ],
    *[
        "&anchor",
        "*alias",
        "<<",
        "---",
        "...",
        "%YAML 1.1",
        "# comment",
        "a # comment",
        "|-",
        ">-",
        "!tag",
        "`",
        "12:30:45",
    ],
    *[
        ",",
        ",,",
        "a,b",
        ";",
        "a;b",
        "sep=;",
        "a, b; c",
        "a.b",
        "a=b",
        "a.b=c",
        "all",
        "none",
        "plan",
        "other",
        "creator",
    ],
    *["../../etc/passwd", "..", ".", "/etc/passwd", "C:\\x", "~root", "con", "x0", "r0", "End", "Maximize", "OBJSENSE"],
    *[
        "\\* x *\\",
        "* x",
        "ROWS",
        "ENDATA",
        "__proto__",
        "constructor",
        "' OR 1=1 --",
        "'; DROP TABLE x; --",
        "x" * 200,
    ],
]
SCRIPTS = [
    *[
        "\u05e9\u05dc\u05d5\u05dd",
        "\u0645\u0631\u062d\u0628\u0627",
        "abc \u05d0\u05d1\u05d2 def",
        "\u65e5\u672c\u8a9e" * 12,
    ],
    *[
        "Zo\u00eb",
        "Zoe\u0301",
        "\u1e9e",
        "\u0130stanbul",
        "\u0131x",
        "\ufb01n",
        "\u03c2",
        "\u212b",
        "\u00c5x",
        "e\u0301" * 60,
    ],
    *[
        "Z\u0351\u036b\u0343a\u0328\u0334l\u0321\u0335g\u031b\u0336o" * 4,
        "a" + "\u0301" * 150,
        "b\u0301\u0301c",
        "c\u20dd\u20e3",
    ],
    *[
        "\U0001f600",
        "\U0001f468\u200d\U0001f469\u200d\U0001f467",
        "\U0001f1eb\U0001f1f7",
        "\U0001f44d\U0001f3fd",
        "1\ufe0f\u20e3",
    ],
    *[
        "\u2764\ufe0f",
        "\U0001f3f4\U000e0067\U000e0062\U000e007f",
        "a\u200cb",
        "a\u200db",
        "a\u00adb",
        "a\u034fb",
        "x\u3164y",
    ],
    *[
        "\uff41\uff42",
        "\ue000x",
        "\ufffdx",
        "x\ufff9y",
        "\ufdfd",
        "\U00012031",
        "\u2800x",
        "a\u00a0b",
        "a\u2003b",
        "a\u3000b",
        "a  b",
    ],
]
CONTROLS = [
    *[
        "\x1b[31mred",
        "\x1b[2J",
        "\x1b]0;title\x07",
        "\x1b]8;;http://evil\x1b\\x\x1b]8;;\x1b\\",
        "\x1b[1A\x1b[2Kx",
        "\x1bc",
    ],
    *[
        "\x9b31mred",
        "\x9d0;t\x9c",
        "a\x07b",
        "a\x08b",
        "a\x00b",
        "a\x7fb",
        "a\x85b",
        "a\x0bb",
        "a\x0cb",
        "a\x1fb",
        "a\x90b",
    ],
    *[
        "a\tb",
        "a\rb",
        "a\nb",
        "a\r\nb",
        "=1\rx",
        "a\n=1+1",
        "a\rwrote nothing",
        "\u202eevil",
        "a\u202db",
        "a\u2066b\u2069",
    ],
    *[
        "a\u200eb",
        "a\u200fb",
        "a\u061cb",
        "a\u200bb",
        "a\u2060b",
        "a\ufeffb",
        "a\u2028b",
        "a\u2029b",
        "a\ud800b",
        "\udfff",
        "caf\udce9",
    ],
    *[
        "\t",
        "\r",
        "\u200b",
        " ",
        "@",
        "x" * 201,
        "y" * 10_000,
        "e\u0301" * 10_000,
        "\x1b[31m" * 2_000,
        "\U0001f600" * 400,
    ],
]
CORPUS = [*dict.fromkeys([*FORMULAS, *MARKUP, *SYNTAX, *SCRIPTS, *CONTROLS])]


def composed(text: str) -> str:
    """A text as names are compared and shown: without blanks around it, in NFC."""
    return unicodedata.normalize("NFC", text.strip())


def is_plain(text: str) -> bool:
    """Whether there is nothing against a text but what it might be mistaken for."""
    return bool(composed(text).strip("@")) and len(text) <= LONGEST and not ACTING.search(text)


def key(text: str) -> str:
    """The form in which names are compared."""
    return composed(composed(text).casefold()).removeprefix("@")


def in_a_cell(text: str) -> str:
    """What a cell of texts holds: the apostrophe that our own CSV puts before a formula or number is no part of it."""
    return re.sub(r"^'(?=[=+\-@|]|\d[\d.,:/eE+-]*$)", "", composed(text.strip(SPACES)))


PLAIN = [*{key(in_a_cell(text)): text for text in CORPUS if is_plain(text)}.values()]
ODD = [text for text in CORPUS if not is_plain(text)]


def quoted(text: str) -> str:
    """A text in YAML's double quotes, in which any character can be written."""
    return '"' + "".join(map(_quoted, text)) + '"'


def _quoted(sign: str) -> str:
    if sign in '"\\':
        return f"\\{sign}"
    return sign if sign.isprintable() and not ACTING.match(sign) else f"\\U{ord(sign):08x}"


def acting(text: str, harmless: str = "\n") -> list[str]:
    """The characters of an answer that a terminal would obey, or that are shown as nothing; line ends aside."""
    return sorted({f"U+{ord(found):04X}" for found in ACTING.findall(text) if found not in harmless})


def can_be_typed(text: str) -> bool:
    """Whether a shell hands it over: bytes without a zero, not too many of them for a file's name."""
    try:
        return 0 not in (said := text.encode("utf-8", "surrogateescape")) and len(said) <= 240
    except UnicodeEncodeError:
        return False
