"""The web application of the sample site: routes, conditional requests, errors."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin

from jinja2 import Environment, PackageLoader, select_autoescape
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from monitor.demo import blog, feeds, shop
from monitor.demo.timeline import Post, Seen, removed, snapshot

HTML = "text/html; charset=utf-8"
ATOM = "application/atom+xml; charset=utf-8"
RSS = "application/rss+xml; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Story:
    """What the site shows: its posts, when it started, and how far time has come."""

    posts: tuple[Post, ...]
    started: datetime
    elapsed: Callable[[], float]
    window: int | None = 40
    """How many entries the feeds show; None shows all."""


class Site:
    """The pages. Every handler renders the present moment from the story."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.templates = Environment(
            loader=PackageLoader("monitor.demo"),
            autoescape=select_autoescape(),
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def routes(self) -> list[Route]:
        """Return every address of the site."""
        return [
            Route("/", self.start),
            Route("/robots.txt", self.robots),
            Route("/sitemap.xml", self.sitemap),
            Route("/avatar.svg", self.avatar),
            Route("/shop/reviews", self.all_reviews),
            Route("/shop/{product}", self.product),
            Route("/blog/", self.comments_page),
            Route("/blog/{slug}/", self.comments_page),
            Route("/forum/", self.forum_page),
            Route("/forum/feed.xml", self.forum_feed),
            Route("/forum/t/{id:int}", self.forum_page),
            Route("/news/", self.news_page),
            Route("/news/feed.xml", self.news_feed),
            Route("/news/{id:int}", self.news_page),
            Route("/wp-json/wp/v2/comments", self.comments),
            Route("/wp-json/wp/v2/comments/{id:int}", self.comment),
            Route("/wp-json/wp/v2/posts", self.articles),
            Route("/wp-json/wp/v2/posts/{id:int}", self.article),
        ]

    def visible(self, place: str) -> list[Seen]:
        """Return what can be seen in one place, newest first."""
        seen = snapshot(self.story.posts, self.story.elapsed())
        return [entry for entry in seen if entry.post.place == place]

    async def start(self, request: Request) -> Response:
        """Show the start page."""
        count = len(snapshot(self.story.posts, self.story.elapsed()))
        return self._html(request, "start.html", products=shop.NAMES, visible=count)

    async def robots(self, request: Request) -> Response:
        """Answer /robots.txt."""
        site = _site(request)
        lines = f"User-agent: *\nDisallow: /shop/checkout\nSitemap: {site}/sitemap.xml\n"
        return PlainTextResponse(lines)

    async def sitemap(self, request: Request) -> Response:
        """List the product pages."""
        site = _site(request)
        urls = "".join(f"<url><loc>{site}/shop/{slug}</loc></url>" for slug in shop.NAMES)
        body = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'
        return _conditional(request, body, "application/xml", None)

    async def avatar(self, request: Request) -> Response:  # noqa: ARG002  # the same for all
        """Draw the avatar that every comment has."""
        body = (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8">'
            '<circle cx="4" cy="4" r="4" fill="#9a4b12"/></svg>'
        )
        return Response(body, media_type="image/svg+xml")

    async def all_reviews(self, request: Request) -> Response:
        """Show the reviews of all products."""
        return self._reviews(request, self._shop(request), "Reviews of all machines")

    async def product(self, request: Request) -> Response:
        """Show the reviews of one product."""
        slug = request.path_params["product"]
        if slug not in shop.NAMES:
            return PlainTextResponse("No such product.", 404)
        reviews = [entry for entry in self._shop(request) if entry.product == slug]
        return self._reviews(request, reviews, shop.NAMES[slug], microdata=slug in shop.MICRODATA)

    async def comments_page(self, request: Request) -> Response:
        """Show the blog with its comments."""
        return self._posts(request, "blog", "Blog comments")

    async def forum_page(self, request: Request) -> Response:
        """Show the forum."""
        return self._posts(request, "forum", "Coffee corner forum", "/forum/feed.xml", ATOM)

    async def news_page(self, request: Request) -> Response:
        """Show the news."""
        return self._posts(request, "news", "Kitchen news", "/news/feed.xml", RSS)

    async def forum_feed(self, request: Request) -> Response:
        """Answer the Atom feed."""
        entries = self.visible("forum")[: self.story.window]
        body = feeds.atom(entries, _site(request), self.story.started)
        return _conditional(request, body, ATOM, self._changed(entries))

    async def news_feed(self, request: Request) -> Response:
        """Answer the RSS feed."""
        entries = self.visible("news")[: self.story.window]
        body = feeds.rss(entries, _site(request), self.story.started)
        return _conditional(request, body, RSS, self._changed(entries))

    async def comments(self, request: Request) -> Response:
        """Answer a list of comments as WordPress does."""
        site = _site(request)
        known = [blog.comment(seen, site, self.story.started) for seen in self.visible("blog")]
        try:
            chosen, headers = blog.choose(known, request.query_params)
        except blog.BadParameter as fault:
            return _wordpress_error(
                "rest_invalid_param", f"Invalid parameter(s): {fault}", 400, {str(fault): "wrong"}
            )
        if "Link" in headers:
            headers["Link"] = headers["Link"].replace("<?", f"<{site}{request.url.path}?")
        return JSONResponse(chosen, headers=headers)

    async def comment(self, request: Request) -> Response:
        """Answer one comment; a removed one answers 401 like a trashed one in WordPress."""
        number = request.path_params["id"]
        for seen in self.visible("blog"):
            if seen.post.id == number:
                return JSONResponse(blog.comment(seen, _site(request), self.story.started))
        gone = removed(self.story.posts, self.story.elapsed())
        if any(post.id == number and post.place == "blog" for post in gone):
            text = "Sorry, you are not allowed to read this comment."
            return _wordpress_error("rest_cannot_read", text, 401, {})
        return _wordpress_error("rest_comment_invalid_id", "Invalid comment ID.", 404, {})

    async def articles(self, request: Request) -> Response:
        """Answer the list of articles."""
        site = _site(request)
        found = [blog.article(number, site, self.story.started) for number in blog.ARTICLES]
        headers = {"X-WP-Total": str(len(found)), "X-WP-TotalPages": "1"}
        return JSONResponse(found, headers=headers)

    async def article(self, request: Request) -> Response:
        """Answer one article."""
        number = request.path_params["id"]
        if number not in blog.ARTICLES:
            return _wordpress_error("rest_post_invalid_id", "Invalid post ID.", 404, {})
        return JSONResponse(blog.article(number, _site(request), self.story.started))

    def _shop(self, request: Request) -> list[shop.Review]:
        site = _site(request)
        return [shop.review(seen, site, self.story.started) for seen in self.visible("shop")]

    def _reviews(
        self, request: Request, reviews: list[shop.Review], heading: str, *, microdata: bool = False
    ) -> Response:
        asked = request.query_params.get("page", "1")
        number = int(asked) if asked.isdecimal() and asked != "0" else 1
        page = shop.page(reviews, number, request.url.path)
        return self._html(
            request,
            "reviews.html",
            heading=heading,
            page=page,
            path=request.url.path,
            names=shop.NAMES,
            mean=shop.mean(reviews),
            total=len(reviews),
            data="" if microdata else shop.json_ld(page.reviews, _site(request), reviews),
        )

    def _posts(
        self, request: Request, place: str, heading: str, feed: str = "", kind: str = ""
    ) -> Response:
        entries = self.visible(place)[:100]
        return self._html(
            request,
            "posts.html",
            heading=heading,
            entries=entries,
            feed=feed,
            feed_type=kind.partition(";")[0],
        )

    def _html(self, request: Request, template: str, **values: object) -> Response:
        body = self.templates.get_template(template).render(**values)
        return _conditional(request, body, HTML, None)

    def _changed(self, entries: list[Seen]) -> datetime:
        newest = max((entry.updated_at for entry in entries), default=0.0)
        return self.story.started + timedelta(seconds=newest)


def build(story: Story) -> Starlette:
    """Make the application."""
    return Starlette(routes=Site(story).routes())


def _site(request: Request) -> str:
    return urljoin(str(request.url), "/").rstrip("/")


def _conditional(
    request: Request, body: str, media_type: str, changed: datetime | None
) -> Response:
    """Answer with validators, or 304 when the client already has this body."""
    content = body.encode()
    headers = {"ETag": f'"{hashlib.sha256(content).hexdigest()[:20]}"'}
    if changed is not None:
        headers["Last-Modified"] = format_datetime(changed.replace(microsecond=0), usegmt=True)
    if _unchanged(request, headers):
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=media_type, headers=headers)


def _unchanged(request: Request, headers: Mapping[str, str]) -> bool:
    """Apply If-None-Match, and If-Modified-Since only without it (RFC 9110)."""
    known = request.headers.get("if-none-match")
    if known is not None:
        return headers["ETag"] in [tag.strip().removeprefix("W/") for tag in known.split(",")]
    since = request.headers.get("if-modified-since")
    if since is None or "Last-Modified" not in headers:
        return False
    try:
        asked = parsedate_to_datetime(since)
    except ValueError:
        return False
    return parsedate_to_datetime(headers["Last-Modified"]) <= asked


def _wordpress_error(code: str, text: str, status: int, params: dict[str, str]) -> Response:
    data: dict[str, Any] = {"status": status}
    if params:
        data["params"] = params
    return JSONResponse({"code": code, "message": text, "data": data}, status)
