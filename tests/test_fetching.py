"""Fetching from a real server on this machine, and refusing to fetch from anywhere it must not."""

from collections.abc import Iterator

import pytest

from assistant import fetching
from assistant.errors import FetchError
from assistant.fetching import HttpFetcher, is_public
from website import Page, Website, website


@pytest.fixture
def site() -> Iterator[Website]:
    with website() as site:
        yield site


@pytest.fixture
def fetcher() -> Iterator[HttpFetcher]:
    fetcher = HttpFetcher(["127.0.0.1"], pause=0.0, loopback=True, sleep=lambda _: None)
    yield fetcher
    fetcher.close()


def test_a_page_comes_with_its_kind_and_etag(site: Website, fetcher: HttpFetcher) -> None:
    site.put("/faq", "Questions", "An answer.")
    fetched = fetcher.fetch(site / "faq")
    assert b"An answer." in fetched.body
    assert fetched.content_type == "text/html; charset=utf-8"
    assert fetched.etag


def test_a_page_that_is_as_it_was_is_not_sent_again(site: Website, fetcher: HttpFetcher) -> None:
    site.put("/faq", "Questions", "An answer.")
    etag = fetcher.fetch(site / "faq").etag
    again = fetcher.fetch(site / "faq", etag=etag)
    assert again.unchanged
    assert again.body == b""


@pytest.mark.parametrize("status", [404, 410])
def test_a_page_that_is_no_more_is_gone(site: Website, fetcher: HttpFetcher, status: int) -> None:
    site.pages["/old"] = Page(status=status)
    with pytest.raises(FetchError, match=rf"gone.*{status}") as caught:
        fetcher.fetch(site / "old")
    assert caught.value.gone


def test_a_server_in_trouble_is_asked_again(site: Website, fetcher: HttpFetcher) -> None:
    site.put("/faq", "Questions", "An answer.")
    site.failures["/faq"] = 2
    assert b"An answer." in fetcher.fetch(site / "faq").body
    assert site.asked["/faq"] == 3


def test_a_server_that_stays_in_trouble_is_left_alone(site: Website, fetcher: HttpFetcher) -> None:
    site.failures["/faq"] = 9
    with pytest.raises(FetchError, match="503"):
        fetcher.fetch(site / "faq")
    assert site.asked["/faq"] == fetching.ATTEMPTS


def test_a_refusal_is_not_asked_again(site: Website, fetcher: HttpFetcher) -> None:
    site.pages["/secret"] = Page(status=403)
    with pytest.raises(FetchError, match="403"):
        fetcher.fetch(site / "secret")
    assert site.asked["/secret"] == 1


def test_a_redirect_is_followed(site: Website, fetcher: HttpFetcher) -> None:
    site.put("/new", "New", "Moved here.")
    site.pages["/old"] = Page(status=301, headers={"Location": "/new"})
    fetched = fetcher.fetch(site / "old")
    assert fetched.url == site / "new"
    assert b"Moved here." in fetched.body


def test_a_circle_of_redirects_ends(site: Website, fetcher: HttpFetcher) -> None:
    site.pages["/a"] = Page(status=302, headers={"Location": "/b"})
    site.pages["/b"] = Page(status=302, headers={"Location": "/a"})
    with pytest.raises(FetchError, match="circle"):
        fetcher.fetch(site / "a")


@pytest.mark.parametrize(
    "target", ["http://169.254.169.254/latest/meta-data", "http://evil.example/", "file:///etc/passwd", "//10.0.0.1/"]
)
def test_a_redirect_to_elsewhere_is_not_followed(site: Website, fetcher: HttpFetcher, target: str) -> None:
    site.pages["/trap"] = Page(status=302, headers={"Location": target})
    with pytest.raises(FetchError, match="not at an allowed address"):
        fetcher.fetch(site / "trap")


def test_an_endless_page_is_cut_off(site: Website, fetcher: HttpFetcher) -> None:
    site.pages["/huge"] = Page(endless=True)
    with pytest.raises(FetchError, match="larger than 50 MB"):
        fetcher.fetch(site / "huge")


def test_a_dripping_server_is_left(site: Website) -> None:
    fetcher = HttpFetcher(["127.0.0.1"], pause=0.0, loopback=True, deadline=0.3, sleep=lambda _: None)
    site.pages["/slow"] = Page(b"x" * 100, drip=0.05)
    with pytest.raises(FetchError, match="did not come within"):
        fetcher.fetch(site / "slow")


def test_what_robots_txt_forbids_is_not_fetched(site: Website, fetcher: HttpFetcher) -> None:
    site.pages["/robots.txt"] = Page(b"User-agent: *\nDisallow: /private/", "text/plain")
    site.put("/private/page", "Private", "Not for robots.")
    with pytest.raises(FetchError, match=r"robots\.txt"):
        fetcher.fetch(site / "private/page")
    assert site.asked["/private/page"] == 0


def test_a_site_whose_rules_cannot_be_read_is_left_alone(site: Website, fetcher: HttpFetcher) -> None:
    site.pages["/robots.txt"] = Page(status=500)
    site.put("/faq", "Questions", "An answer.")
    with pytest.raises(FetchError, match=r"robots\.txt"):
        fetcher.fetch(site / "faq")


def test_one_host_is_asked_with_pauses(site: Website) -> None:
    slept: list[float] = []
    fetcher = HttpFetcher(["127.0.0.1"], pause=2.0, loopback=True, sleep=slept.append)
    for name in ("one", "two"):
        site.put(f"/{name}", name, "Text.")
        fetcher.fetch(site / name)
    fetcher.close()
    assert slept[0] == 0.0
    assert all(pause > 1.5 for pause in slept[1:])


def test_site_maps_are_where_robots_txt_says(site: Website, fetcher: HttpFetcher) -> None:
    site.pages["/robots.txt"] = Page(f"Sitemap: {site / 'map-of-pages.xml'}".encode(), "text/plain")
    assert fetcher.sitemaps(site / "faq/") == [site / "map-of-pages.xml"]


def test_site_maps_are_else_in_the_usual_place(site: Website, fetcher: HttpFetcher) -> None:
    assert fetcher.sitemaps(site / "faq/") == [site / "sitemap.xml"]


@pytest.mark.parametrize("url", ["http://localhost/", "http://127.0.0.1/", "http://[::1]/", "http://0.0.0.0/"])
def test_this_machine_is_never_fetched_from(url: str) -> None:
    fetcher = HttpFetcher(["localhost", "127.0.0.1", "::1", "0.0.0.0"], pause=0.0, sleep=lambda _: None)
    with pytest.raises(FetchError, match=r"private address|robots\.txt"):
        fetcher.fetch(url)
    fetcher.close()


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://customs.example/faq", True),
        ("https://www.customs.example/faq", True),
        ("http://CUSTOMS.example/", True),
        ("https://customs.example:443/", True),
        ("https://customs.example:8443/", False),
        ("https://customs.example.evil.net/", False),
        ("https://evil.net/customs.example", False),
        ("https://customs.example@evil.net/", False),
        ("https://user:password@customs.example/", False),
        ("ftp://customs.example/", False),
        ("javascript:alert(1)", False),
        ("https://[broken", False),
    ],
)
def test_only_allowed_hosts_are(url: str, allowed: bool) -> None:
    assert HttpFetcher(["www.customs.example"]).allows(url) is allowed


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1",
     "::1", "fe80::1%eth0", "fc00::1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "255.255.255.255"],
)  # fmt: skip
def test_these_addresses_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2001:4860:4860::8888", "64:ff9b::808:808"])
def test_these_addresses_are_public(address: str) -> None:
    assert is_public(address)
