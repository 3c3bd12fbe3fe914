"""Markdown and plain text."""

from assistant.extraction import plain


def test_the_first_heading_of_markdown_is_its_title() -> None:
    found = plain.extract_markdown("# Permits\n\nNo fee *is* charged.\n\n## More\n\nText.")
    assert (found.title, found.body) == ("Permits", "No fee *is* charged.\n\n## More\n\nText.")


def test_markdown_without_a_title_has_none() -> None:
    assert plain.extract_markdown("Text.\n\n# Later").title is None


def test_front_matter_html_and_comments_are_dropped() -> None:
    text = "---\nid: x\n---\nA <b>bold</b> word.<script>run()</script>\n\n<!-- page 9 -->\n\n<iframe src='x'>"
    assert plain.extract_markdown(text).body == "A bold word."


def test_a_first_line_that_stands_alone_is_the_title_of_a_text() -> None:
    found = plain.extract_text("Permits\r\n\r\nNo fee\r\nis charged.\r\n\r\n1. First")
    assert (found.title, found.body) == ("Permits", "No fee is charged.\n\n1\\. First")


def test_a_text_of_one_paragraph_has_no_title() -> None:
    assert plain.extract_text("No fee is charged.").title is None
