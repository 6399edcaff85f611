"""The story of the sample site is the same for everybody who tells it with the same seed."""

from __future__ import annotations

from itertools import pairwise

import pytest

from monitor.demo.texts import LANGUAGES, PLACES, load
from monitor.demo.timeline import Pace, removed, snapshot, story, stream

LIBRARY = load()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_language_has_enough_texts_in_every_place(lang):
    own = [text for text in LIBRARY.texts if text.lang == lang]
    assert len(own) >= 25
    assert {text.place for text in own} == set(PLACES)
    assert any(text.edited for text in own)
    assert any(text.removed for text in own)
    assert len({text.text for text in own}) == len(own)


@pytest.mark.parametrize("lang", ["de", "hu", "lv"])
def test_some_texts_are_written_without_diacritics(lang):
    assert any(text.lang == lang and text.text.isascii() for text in LIBRARY.texts)


def test_the_same_seed_tells_the_same_story():
    assert story(LIBRARY, 1) == story(LIBRARY, 1)
    assert story(LIBRARY, 1) != story(LIBRARY, 2)


def test_new_posts_come_every_four_to_eight_seconds_at_first():
    moments = [post.at for post in story(LIBRARY, 3) if 0 < post.at < 170]
    gaps = [later - sooner for sooner, later in pairwise(moments)]
    assert 20 <= len(moments) <= 45
    assert all(4 <= gap <= 8 for gap in gaps)


def test_early_texts_open_the_story_in_all_languages():
    early = {text.text for text in LIBRARY.texts if text.early}
    opening = [post for post in story(LIBRARY, 4) if post.at > 0][: len(early)]
    assert {post.text for post in opening} == early
    assert {post.lang for post in opening} == set(LANGUAGES)


def test_ids_are_unique_and_grow_with_time():
    posts = story(LIBRARY, 5)
    assert [post.id for post in posts] == list(range(1, len(posts) + 1))
    assert sorted(posts, key=lambda post: post.at) == list(posts)


def test_old_posts_can_be_seen_at_once_and_new_ones_later():
    posts = story(LIBRARY, 6)
    at_start = snapshot(posts, 0)
    assert {seen.post.place for seen in at_start} == set(PLACES)
    assert all(seen.post.at < 0 for seen in at_start)
    assert len(snapshot(posts, 60)) > len(at_start)


def test_a_post_is_edited_and_another_vanishes():
    posts = story(LIBRARY, 7)
    edited = next(post for post in posts if post.edited_at)
    before = next(s for s in snapshot(posts, max(edited.at, 0)) if s.post == edited)
    after = next(s for s in snapshot(posts, edited.edited_at) if s.post == edited)
    assert (before.text, after.text) == (edited.text, edited.edited)
    assert after.updated_at > before.updated_at
    vanishing = next(post for post in posts if post.removed_at)
    assert vanishing in removed(posts, vanishing.removed_at)
    assert vanishing not in [s.post for s in snapshot(posts, vanishing.removed_at)]


def test_a_slow_pace_is_possible():
    posts = story(LIBRARY, 8, Pace(((100.0, 50.0, 60.0),)))
    assert len([post for post in posts if post.at > 0]) == 1


def test_a_stream_has_the_asked_number_rate_and_marks():
    posts = stream(LIBRARY, 1, items=50, rate=10, places=["shop", "blog"])
    assert len(posts) == 50
    assert posts[-1].at == 5.0
    assert {post.place for post in posts} == {"shop", "blog"}
    assert [post.text[-13:] for post in posts] == [f"[item {n:06d}]" for n in range(1, 51)]
    assert not any(post.edited_at or post.removed_at for post in posts)
