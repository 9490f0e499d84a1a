"""What names are found by."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.names import KEY_LENGTH, KEYS_MAX, folded, keys


def found(name: str, typed: str) -> bool:
    return any(key.startswith(folded(typed)) for key in keys(name)) and bool(folded(typed))


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("王芳", "王 王芳 芳 w wang wangf wangfang WangFang wf f fang Ｗａｎｇ"),
        ("Alice Novak", "a alice alicen an novak nov"),
        ("José Ñandú-Gómez", "jose nandu gomez JNG josé ñ"),
        ("王 Fang", "wangfang wf wfang fang 王fang"),
        ("王芳2024", "wf2 wf2024 wangfang2024 f2024"),
        ("李小龙", "lixiaolong lxl xiaolong xl long 小龙 龙"),
        ("dana_k", "dana_k danak dk k"),
        ("김철수", "김 김철 기"),
        ("Ελένη", "ελ ΕΛΕΝΗ"),
        ("〇〇七", "ling llq"),
        ("😀", "😀"),
    ],
)
def test_a_name_is_found_by_its_letters_its_readings_and_first_letters(name: str, typed: str) -> None:
    for text in typed.split():
        assert found(name, text), text
    for text in ("zz", "gw", "angfang", "ove", "的", "-", ""):
        assert not found(name, text), text


def test_spaces_do_not_count() -> None:
    assert found("Alice Novak", " alice n")
    assert found("王芳", "wang f")


@pytest.mark.parametrize(
    ("name", "readings"),
    [
        ("曾国藩", "zengguofan cengguofan zgf cgf"),
        ("单小芳", "shanxiaofang danxiaofang sxf"),
        ("仇英", "qiuying chouying qy"),
        ("解晓东", "xiexiaodong jiexiaodong xxd"),
        ("重庆", "chongqing zhongqing cq"),
        ("朝阳", "zhaoyang chaoyang cy zy"),
        ("乐乐", "lele yueyue yuele"),
        ("吕布", "lvbu lubu lyubu lb"),
        ("欧阳修", "ouyangxiu oyx"),
    ],
)
def test_of_several_readings_any_will_do(name: str, readings: str) -> None:
    for text in readings.split():
        assert found(name, text), text


def test_what_begins_another_key_is_no_key_of_its_own() -> None:
    assert keys("wang", "王芳") == ["fang", "wangfang", "wf", "yf", "yufang", "王芳", "芳"]
    assert keys("bob", "Bob") == ["bob"]


@given(
    st.lists(st.text(alphabet=st.sampled_from("王芳曾单重乐行长 aÉß-_.😀ｗ한กँ\u0301\u3099"), max_size=64), max_size=3)
)
def test_whatever_the_name_its_keys_are_few_and_short_and_it_is_found_as_it_is_written(names: list[str]) -> None:
    made = keys(*names)
    assert len(made) <= KEYS_MAX
    assert made == sorted(set(made))
    assert all(0 < len(key) <= KEY_LENGTH and key == folded(key) for key in made)
    for name in names[:1]:
        begun = folded(name)[:10]
        assert not begun or any(key.startswith(begun) for key in made)
