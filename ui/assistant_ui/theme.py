"""The Gradio theme: system fonts only, and one light appearance whatever the browser prefers."""

from pathlib import Path

import gradio as gr

STYLESHEET = Path(__file__).with_name("chat.css")
FAVICON = Path(__file__).with_name("favicon.svg")

# Whatever the reader's system has for Latin, Thai, Khmer, Lao, Burmese and Chinese; nothing is fetched.
FONTS = [
    "system-ui",
    "Segoe UI",
    "Noto Sans",
    "Noto Sans Thai",
    "Noto Sans Khmer",
    "Noto Sans Lao",
    "Noto Sans Myanmar",
    "Noto Sans CJK SC",
    "Khmer UI",
    "Leelawadee UI",
    "Myanmar Text",
    "Microsoft YaHei",
    "sans-serif",
]


def build() -> gr.themes.Base:
    """Plain Gradio in the colours of chat.css, dark mode set to the same values."""
    theme = gr.themes.Base(font=FONTS, font_mono=["monospace"]).set(
        body_background_fill="#f6f8fa",
        body_text_color="#1b2733",
        button_primary_background_fill="#0b3a63",
        button_primary_background_fill_hover="#072a49",
        button_primary_text_color="#ffffff",
        button_secondary_background_fill="#ffffff",
        button_secondary_background_fill_hover="#eef3f8",
        button_secondary_text_color="#0b3a63",
        input_background_fill="#ffffff",
        input_border_color="#5b6f82",
        input_placeholder_color="#5b6b7a",
    )
    for name in [name for name in vars(theme) if name.endswith("_dark")]:
        setattr(theme, name, getattr(theme, name.removesuffix("_dark")))
    return theme
