"""A room of ten thousand messages: it scrolls, jumps and switches as a small one does. The figures are printed (-s)."""


def conversation(count: int) -> list[tuple[int, str, int | None]]:
    """What people say, as (who, text, which message it answers): lines, paragraphs, code, lists, tables, 汉字."""
    said: list[tuple[int, str, int | None]] = []
    for number in range(1, count + 1):
        text = f"message {number}."
        reply = None
        if number % 3 == 0:
            text += " 这条消息是中文的，说的是昨天会议上讨论过的那件事。"
        if number % 7 == 0:
            text += " " + "It goes on for a while, as some people's do. " * 12
        if number % 11 == 0:
            text += "\n\n```python\nfor i in range(3):\n    print(i, 'of', total)  # 打印\n```"
        if number % 13 == 0:
            text += "\n\n- one **bold** thing\n- another with `code`\n- 第三点，见 https://example.org/path?q=1"
        if number % 17 == 0:
            text += "\n\n| 项目 | state |\n|---|---|\n| one | done |\n| 二 | open |"
        if number % 29 == 0:
            text += " " + "第一句话很长很长，一直说下去。" * 30
        if number % 5 == 0 and number > 40:
            reply = number - (number * 7) % 40 - 1
        said.append(((number // 4) % 3, text, reply))
    return said
