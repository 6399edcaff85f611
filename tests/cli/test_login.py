"""A sign-in link from the terminal."""

from __future__ import annotations


def test_prints_a_link_for_a_person(earshot):
    answer = earshot("login", "--as", "Anna", "--json")
    assert answer.code == 0, answer.err
    assert answer.json["person"] == "Anna"
    assert answer.json["link"].startswith("http://127.0.0.1:8765/login?token=")


def test_every_link_is_another_one(earshot):
    assert earshot("login").out != earshot("login").out
